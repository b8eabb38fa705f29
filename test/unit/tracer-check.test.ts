import type { ServerResponse } from 'node:http';
import { EventEmitter } from 'node:events';
import { ProxyTracerProvider, type TracerProvider } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { readSettings } from '../../files/config/settings.ts';
import { createQueryRedactor } from '../../files/http/query.ts';
import { handleRequests } from '../../files/kit/requests.ts';
import { KIT } from '../../files/sdk/kit-names.ts';
import type { BuildManifest } from '../../files/types/build-manifest.d.ts';
import type { DevStart } from '../../files/types/dev.d.ts';
import type { KitErrors, Runtime } from '../../files/types/runtime.ts';
import { captureStderr } from './support/stderr.ts';
import { createTracing } from './support/tracing.ts';

const written = captureStderr();

/** What SvelteKit can use, as this package starts it: the registered provider and the runtime. */
async function start(
	isTraced: boolean,
	isMeasured = !isTraced,
	missingFlag?: string
): Promise<{ registered: TracerProvider; runtime: Partial<Runtime> }> {
	const { contextManager, propagator, spans, remotes } = createTracing().tracing;
	let registered!: TracerProvider;
	const { runtime } = await handleRequests(
		{
			app: {},
			buildManifest: {
				routes: 'src/routes',
				base: '',
				appDir: '_app',
				envPrefix: '',
				missingFlag
			} as BuildManifest,
			contextManager,
			dev: { register: (provider) => void (registered = provider) } as Partial<DevStart> as DevStart,
			entry: 'index.js',
			measureRequest: isMeasured ? () => () => {} : undefined,
			propagator,
			redactQuery: createQueryRedactor([]),
			settings: (await readSettings({}, { OTEL_TRACES_EXPORTER: 'console' }, () => {}))!,
			shutdown: async () => {}
		},
		spans,
		remotes,
		isTraced ? new ProxyTracerProvider() : undefined
	);
	return { registered, runtime };
}

/** Serves more pages than are needed for the warning. */
function servePages({ traceHandler }: Partial<Runtime>): void {
	const handler = traceHandler!(() => {});
	for (let page = 0; page < 30; page++) {
		const headers: string[] = [];
		const res = Object.assign(new EventEmitter(), { statusCode: 200, getHeaderNames: () => headers });
		const req = { method: 'GET', url: '/', headers: {}, socket: {} };
		void handler(req as Parameters<typeof handler>[0], res as unknown as ServerResponse);
		headers.push('content-type');
		res.emit('finish');
	}
}

test.each([
	[true, false, 'traces are missing or incomplete.'],
	[true, true, 'traces are missing or incomplete, and metrics lack `http.route`.'],
	[false, true, 'metrics lack `http.route`.']
])(
	'a SvelteKit that never uses our tracer is reported once, with traces %s, metrics %s',
	async (isTraced, isMeasured, effect) => {
		const { registered, runtime } = await start(isTraced, isMeasured);
		registered.getTracer('app');
		servePages(runtime);
		expect(written).toEqual([
			expect.stringContaining(`has answered 20 requests and has not used its tracer: ${effect} Build again`)
		]);
	}
);

test('a build without the flag is not: one line at the start says so', async () => {
	const { runtime } = await start(true, true, 'Set the flag');
	servePages(runtime);
	expect(written).toEqual([]);
});

test.each([
	['gets its tracer', true, ({ registered }) => registered.getTracer(KIT)],
	['gets the function that makes its spans', true, ({ runtime }) => runtime.recordSpans!({} as KitErrors)],
	['gets the function that reads its routes', false, ({ runtime }) => runtime.recordSpans!({} as KitErrors)]
] satisfies [string, boolean, (started: Awaited<ReturnType<typeof start>>) => unknown][])(
	'a SvelteKit that %s is not',
	async (_, isTraced, use) => {
		const started = await start(isTraced);
		use(started);
		servePages(started.runtime);
		expect(written).toEqual([]);
	}
);
