import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { beforeAll, describe, expect, test } from 'vitest';

/*
 * What a process reads of `build/otel/`, by what it is asked for. How fast it then is, the bench says
 * (`npm run bench`). `npm run build` makes the files; `bundle.test.ts` has the budget of all of them.
 */
const otel = fileURLToPath(new URL('../../dist/files/otel', import.meta.url));

/** The files with all that they import from the start. */
function closureOf(files: readonly string[]): Set<string> {
	const found = new Set<string>();
	const add = (file: string): void => {
		// the build writes it: a few hundred bytes
		if (found.has(file) || file === 'build-manifest.js') return;
		found.add(file);
		for (const { specifier, type } of parse(readFileSync(join(otel, file), 'utf8'))[0]) {
			if (type === 'static' && specifier?.startsWith('./')) add(specifier.slice(2));
		}
	};
	files.forEach(add);
	return found;
}

const sizeOf = (files: Iterable<string>): number =>
	[...files].reduce((sum, file) => sum + statSync(join(otel, file)).size, 0);

const OFF = ['register.js'];
const DEFAULT = [...OFF, 'start.js', 'start-traces.js', 'last-export.js', 'spans-protobuf.js'];
const HTTP = [...DEFAULT, 'http-transport.js', 'last-export-http.js'];
const GRPC = [...DEFAULT, 'grpc-transport.js', 'last-export-grpc.js'];

beforeAll(() => init);

describe('the budget of what is read', () => {
	test.each([
		['when telemetry is off', OFF, 4],
		['to export over OTLP/protobuf', HTTP, 146],
		['to export over gRPC', GRPC, 155]
	])('%s', (_, files, kilobytes) => {
		const read = closureOf(files);
		expect(sizeOf(read), [...read].join(', ')).toBeLessThan(kilobytes * 1024);
	});

	test('traces do not load rarely used parts', () => {
		const code = [...closureOf(HTTP)].map((file) => readFileSync(join(otel, file), 'utf8')).join('\n');
		for (const marker of [
			// metrics of the SDK about itself
			'otel.sdk.span.live',
			'otel.sdk.processor.span.processed',
			// the serializers of OTLP's other form
			'startTimeUnixNano',
			// the reader of the configuration file
			'tracer_provider',
			// both import hooks
			'synchronous hooks have already been registered'
		]) {
			expect(code).not.toContain(marker);
		}
	});
});
