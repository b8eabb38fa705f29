import { beforeEach, expect, test, vi } from 'vitest';
import type { Settings } from '../../files/config/settings.ts';
import { instrument } from '../../files/instrumentation/instrumentations.ts';
import { type Libraries, instrumentLibraries } from '../../files/instrumentation/libraries.ts';
import type { BuildManifest } from '../../files/types/build-manifest.d.ts';
import type { DevStart } from '../../files/types/dev.d.ts';

vi.mock('../../files/instrumentation/instrumentations.ts', () => ({
	instrument: vi.fn<typeof instrument>(async () => ({ names: [], alreadyLoaded: [] }))
}));

beforeEach(() => vi.clearAllMocks());

const UNDICI = '@opentelemetry/instrumentation-undici';
const PG = '@opentelemetry/instrumentation-pg';

const startSpanHook = () => ({});

/** Starts what a build with these options has found. */
async function start(
	options: BuildManifest['defaults']['instrumentations'],
	installed: string[] = []
): Promise<{ bundled: unknown[]; installed: Record<string, unknown> }> {
	const traceFetch = vi.fn<NonNullable<Libraries['outgoing']>['traceFetch']>();
	await instrumentLibraries({
		buildManifest: {
			defaults: { ...(options && { instrumentations: options }) },
			instrumentations: installed.map((name) => ({ name, specifier: name }))
		} as unknown as BuildManifest,
		settings: { instrumentations: { disabled: [] } } as unknown as Settings,
		own: [],
		redactQuery: String,
		providers: {} as Libraries['providers'],
		outgoing: { fetchOptions: () => ({ startSpanHook }), traceFetch }
	});
	const [each = []] = vi.mocked(instrument).mock.calls[0] ?? [];
	return {
		bundled: traceFetch.mock.calls.map(([config]) => config),
		installed: Object.fromEntries(each.map(({ name, options: given }) => [name, given]))
	};
}

test('outgoing fetch is traced with our hooks if the build has no options for it', async () => {
	expect(await start(undefined)).toEqual({ bundled: [{ startSpanHook }], installed: {} });
});

test('the options of the build are passed to outgoing fetch, with our hooks', async () => {
	const options = { [UNDICI]: { requireParentforSpans: true } };
	expect(await start(options)).toEqual({
		bundled: [{ startSpanHook, requireParentforSpans: true }],
		installed: {}
	});
});

test('the options of the build are passed to installed instrumentations, and to an installed one of fetch with our hooks', async () => {
	const options = { [UNDICI]: { requireParentforSpans: true }, [PG]: { enhancedDatabaseReporting: true } };
	expect(await start(options, [UNDICI, PG])).toEqual({
		bundled: [],
		installed: {
			[UNDICI]: { startSpanHook, requireParentforSpans: true },
			[PG]: { enhancedDatabaseReporting: true }
		}
	});
});

test('false in the options of the build disables an instrumentation', async () => {
	expect(await start({ [UNDICI]: false, [PG]: false }, [PG])).toEqual({ bundled: [], installed: {} });
});

test('in dev, libraries are instrumented once, and outgoing fetch at each start until telemetry stops', async () => {
	const disable = vi.fn<() => void>();
	const traceFetch = vi.fn<(options: object) => { disable(): void }>(() => ({ disable }));
	const measureFetch = vi.fn<() => void>();
	let started: ReturnType<DevStart['instrumentOnce']> | undefined;
	const stops: (() => void)[] = [];
	const dev: Pick<DevStart, 'instrumentOnce' | 'onStop'> = {
		instrumentOnce: (run) => (started ??= run()),
		onStop: (undo) => void stops.push(undo)
	};
	for (const requireParentforSpans of [true, false]) {
		for (const stop of stops.splice(0)) stop();
		const { names } = await instrumentLibraries({
			buildManifest: {
				defaults: { instrumentations: { [UNDICI]: { requireParentforSpans } } },
				instrumentations: [{ name: PG, specifier: PG }]
			} as unknown as BuildManifest,
			dev: dev as DevStart,
			settings: { instrumentations: { disabled: [] } } as unknown as Settings,
			own: [],
			redactQuery: String,
			providers: {},
			outgoing: { fetchOptions: () => ({}), traceFetch: traceFetch as never },
			measureFetch
		});
		expect(names).toEqual(['undici']);
	}
	expect(instrument).toHaveBeenCalledTimes(1);
	expect(traceFetch.mock.calls).toEqual([
		[{ requireParentforSpans: true }],
		[{ requireParentforSpans: false }]
	]);
	expect(disable).toHaveBeenCalledTimes(1);
	expect(measureFetch).toHaveBeenCalledTimes(2);
});

test('an installed instrumentation of another name that traces fetch replaces ours', async () => {
	vi.mocked(instrument).mockResolvedValueOnce({
		names: ['fetch-node'],
		alreadyLoaded: [],
		isFetchTraced: true
	});
	expect((await start(undefined, ['opentelemetry-instrumentation-fetch-node'])).bundled).toEqual([]);
});
