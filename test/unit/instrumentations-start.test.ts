import { channel } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';

import { instrument } from '../../files/instrumentation/instrumentations.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
afterEach(() => stderr.mockClear());

const dir = makeTempDir();

/** A package whose instrumentation has these members instead of its own. */
function writePackage(name: string, members: string): { name: string; specifier: string; options: {} } {
	const file = path.join(dir, `${name}.mjs`);
	writeFileSync(
		file,
		`export const instance = {
			instrumentationName: 'of ${name}', instrumentationVersion: '1.0.0',
			enable() {}, disable() {}, getConfig: () => ({}), setConfig() {}, setTracerProvider() {},
			${members}
		};`
	);
	return { name, specifier: pathToFileURL(file).href, options: {} };
}

test.each(['setTracerProvider', 'setMeterProvider', 'setLoggerProvider', 'getConfig', 'enable'])(
	'a package that throws in %s is named, with the reason, and the others are started',
	async (method) => {
		const { names } = await instrument(
			[
				writePackage(`bad-${method}`, `${method}() { throw new Error('no licence'); }`),
				writePackage(`good-${method}`, '')
			],
			[],
			{}
		);
		// what OTEL_NODE_DISABLED_INSTRUMENTATIONS takes, and not the name of its tracer
		expect(names).toEqual([`good-${method}`]);
		expect(stderr.mock.calls.map(([line]) => line)).toEqual([
			expect.stringMatching(
				new RegExp(
					String.raw`^adapter-node-otel: bad-${method} has failed \(Error: no licence\): the server runs without it\. Update it, or leave it out by OTEL_NODE_DISABLED_INSTRUMENTATIONS=bad-${method}\n$`
				)
			)
		]);
	}
);

test('other providers reach all that were started, in spite of one that fails', async () => {
	const providersOf = (name: string) => ({
		instrumentationName: name,
		instrumentationVersion: '1.0.0',
		enable() {},
		disable: vi.fn<() => void>(),
		getConfig: () => ({}),
		setTracerProvider: vi.fn<(provider: unknown) => void>(),
		setMeterProvider: vi.fn<(provider: unknown) => void>(),
		setLoggerProvider: vi.fn<(provider: unknown) => void>()
	});
	const [bad, good] = [providersOf('bad'), providersOf('good')];
	const { useProviders } = await instrument([], [bad, good] as never, {});
	const later = {
		tracerProvider: { name: 'tracers' },
		meterProvider: { name: 'meters' },
		loggerProvider: { name: 'loggers' }
	};
	bad.setMeterProvider.mockImplementation(() => {
		throw new Error('no licence');
	});
	useProviders!(later as never);
	expect(good.setTracerProvider).toHaveBeenLastCalledWith(later.tracerProvider);
	expect(good.setMeterProvider).toHaveBeenLastCalledWith(later.meterProvider);
	expect(good.setLoggerProvider).toHaveBeenLastCalledWith(later.loggerProvider);
	expect(bad.disable).toHaveBeenCalledTimes(1);
	expect(stderr.mock.calls.map(([line]) => line)).toEqual([
		'adapter-node-otel: `instrumentations: bad` of src/instrumentation.server has failed (Error: no licence): the server runs without it. Update it, or remove it from src/instrumentation.server\n'
	]);
});

test('what subscribes to outgoing requests when it is started traces fetch', async () => {
	const requests = channel('undici:request:create');
	const listener = vi.fn<() => void>();
	expect((await instrument([writePackage('other', '')], [], {})).isFetchTraced).toBe(false);
	const tracing = {
		instrumentationName: 'fetch',
		instrumentationVersion: '1.0.0',
		enable: () => requests.subscribe(listener),
		disable() {},
		getConfig: () => ({}),
		setTracerProvider() {}
	};
	try {
		expect((await instrument([], [tracing as never], {})).isFetchTraced).toBe(true);
		// a subscription of other code
		expect((await instrument([writePackage('another', '')], [], {})).isFetchTraced).toBe(false);
	} finally {
		requests.unsubscribe(listener);
	}
});
