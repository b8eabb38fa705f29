import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import recorded from '../picture/trace.json' with { type: 'json' };
import type { RecordedTrace } from '../picture/recorded-trace.ts';
import { drawWaterfall } from '../picture/waterfall.ts';

const trace = recorded as RecordedTrace;

describe('the picture of a trace in the README', () => {
	test('is what `npm run picture` draws', async () => {
		const drawn = await readFile(new URL('../picture/trace.svg', import.meta.url), 'utf8');
		expect(drawWaterfall(trace)).toBe(drawn);
	});

	test('shows every span of the trace, inside of the SERVER span', () => {
		const [server, ...others] = trace.spans;
		expect(server).toMatchObject({ kind: 'SERVER', depth: 0, startUs: 0 });
		for (const { startUs, durationUs } of others) {
			expect(startUs + durationUs).toBeLessThanOrEqual(server!.durationUs);
		}
		expect(drawWaterfall(trace).match(/<rect class="(SERVER|INTERNAL|CLIENT)"/g)).toHaveLength(
			trace.spans.length
		);
	});

	test('contains no query values', () => {
		expect(trace.attributes['url.query']).toBe('utm_source=REDACTED');
	});

	test('escapes markup', () => {
		const drawn = drawWaterfall({
			title: '<a> & "b"',
			attributes: {},
			spans: [{ name: '<script>', kind: 'SERVER', depth: 0, startUs: 0, durationUs: 10 }]
		});
		expect(drawn).toContain('&lt;script>');
		expect(drawn).not.toContain('<script>');
	});
});
