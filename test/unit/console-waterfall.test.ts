import {
	type Attributes,
	ROOT_CONTEXT,
	type Span,
	SpanKind,
	SpanStatusCode,
	trace
} from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import stringWidth from 'fast-string-width';
import { describe, expect, test } from 'vitest';
import { type DrawnTrace, type Surface, drawTrace } from '../../files/console/draw.ts';
import type { DrawnSpan } from '../../files/console/drawn-span.ts';
import { WaterfallProcessor } from '../../files/console/waterfall-processor.ts';

const plain: Surface = { columns: 80, hasColors: false };

const span = (id: string, parentId: string | undefined, more: Partial<DrawnSpan> = {}): DrawnSpan => ({
	id,
	parentId,
	name: `span ${id}`,
	kind: 'INTERNAL',
	startMs: 0,
	durationMs: 100,
	error: undefined,
	...more
});

const block = (spans: DrawnSpan[], more: Partial<DrawnTrace> = {}): DrawnTrace => ({
	title: 'GET /blog/hello → 200',
	note: 'trace 1',
	rootId: 'a',
	spans,
	missing: 0,
	...more
});

const server = span('a', undefined, { name: 'GET /blog/[slug]', kind: 'SERVER' });

describe('a waterfall', () => {
	test('has a line for each span, with its bar and its duration', () => {
		const spans = [
			server,
			span('c', 'b', { name: 'GET', kind: 'CLIENT', startMs: 50, durationMs: 25 }),
			span('b', 'a', { startMs: 50, durationMs: 50 })
		];
		expect(drawTrace(block(spans), { ...plain, columns: 54 })).toBe(
			[
				'GET /blog/hello → 200  trace 1',
				'SERVER GET /blog/[slug]  █████████████████  100.00 ms',
				'  span b                          ████████   50.00 ms',
				'    CLIENT GET                    ████       25.00 ms'
			].join('\n')
		);
	});

	const wide = [
		server,
		span('b', 'a', { name: '読み込み'.repeat(10), error: 'エラー 🧨 '.repeat(30) }),
		span('c', 'b', { name: '👩‍👩‍👧 family'.repeat(9) }),
		span('d', 'c', { name: 'x'.repeat(300), durationMs: 123_456 })
	];

	test.each([1, 5, 12, 20, 30, 40, 80, 100, 300])('fits %d columns with any names', (columns) => {
		const deep = Array.from({ length: 40 }, (_, depth) => span(`e${depth}`, depth ? `e${depth - 1}` : 'd'));
		for (const line of drawTrace(block([...wide, ...deep]), { ...plain, columns }).split('\n'))
			expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
	});

	test('aligns its bars, also with wide characters in names', () => {
		const lines = drawTrace(block(wide), plain)
			.split('\n')
			.filter((line) => line.includes('█'));
		expect(lines).toHaveLength(4);
		const columns = lines.map((line) => stringWidth(line.slice(0, line.indexOf('█'))));
		expect(new Set(columns).size).toBe(1);
	});

	test('shows an error below its span, in one line', () => {
		const failed = span('b', 'a', { name: 'sveltekit.load +page.server.ts', error: 'Error: first\nsecond' });
		expect(drawTrace(block([server, failed]), plain)).toMatch(
			/\n {2}✗ sveltekit\.load \+page\.server\.ts .*100\.00 ms\n {4}Error: first second$/
		);
	});

	test('has colours only if the terminal supports them', () => {
		const spans = [server, span('b', 'a', { error: 'Error: no' })];
		expect(drawTrace(block(spans), plain)).not.toContain('\u001B');
		expect(drawTrace(block(spans), { ...plain, hasColors: true })).toContain('\u001B[31m');
	});

	test('removes control characters from names', () => {
		const drawn = drawTrace(block([server, span('b', 'a', { name: 'a\u001B[2Jb\rc\u202Ed' })]), plain);
		expect(drawn).toContain('a [2Jb c d');
	});

	test('shows many spans with one name in one line, except failed ones', () => {
		const modules = Array.from({ length: 50 }, (_, index) =>
			span(`m${index}`, 'a', { name: 'vite.transform', startMs: index, durationMs: 10 })
		);
		modules[7]!.error = 'SyntaxError';
		const drawn = drawTrace(block([server, ...modules]), plain);
		expect(drawn).toMatch(/vite\.transform ×49 .* 59\.00 ms/);
		expect(drawn).toMatch(/✗ vite\.transform .* 10\.00 ms\n {4}SyntaxError/);
	});

	test('ends after a hundred lines, with the number of omitted spans', () => {
		const many = Array.from({ length: 120 }, (_, index) => span(`n${index}`, 'a'));
		expect(drawTrace(block([server, ...many], { missing: 3 }), plain)).toMatch(/\n… 24 more spans$/);
	});

	test('shows a span without a known parent below the root', () => {
		expect(drawTrace(block([server, span('b', 'unknown')]), plain)).toMatch(/\n {2}span b /);
	});
});

describe('on the console', () => {
	const drawn = (): {
		text: string[];
		start: ReturnType<typeof createStart>;
		processor: WaterfallProcessor;
	} => {
		const text: string[] = [];
		const processor = new WaterfallProcessor((draw) => text.push(draw(plain)));
		return { text, processor, start: createStart(processor) };
	};

	test('a request is one block when its SERVER span ends, with the error of a span', () => {
		const { text, start } = drawn();
		const request = start('GET /a', {
			kind: SpanKind.SERVER,
			attributes: { 'http.request.method': 'GET', 'url.path': '/a', 'http.response.status_code': 500 }
		});
		const load = start('load', { parent: request });
		load.recordException(new TypeError('no'));
		load.setStatus({ code: SpanStatusCode.ERROR });
		load.end();
		expect(text).toEqual([]);
		request.end();
		expect(text).toHaveLength(1);
		expect(text[0]).toMatch(
			/^\nGET \/a → 500 {2}trace .*\nSERVER GET \/a .*\n {2}✗ load .*\n {4}TypeError: no$/
		);
	});

	test('a span that ends later has a separate line', () => {
		const { text, start } = drawn();
		const request = start('GET /a', { kind: SpanKind.SERVER });
		const late = start('late', { parent: request });
		request.end();
		late.end();
		expect(text[1]).toMatch(/^later, below GET \/a: late \d/);
	});

	test('two requests of one trace are two blocks, each with its own spans', () => {
		const { text, start } = drawn();
		const outer = start('GET /outer', { kind: SpanKind.SERVER });
		const client = start('GET', { kind: SpanKind.CLIENT, parent: outer });
		const inner = start('GET /inner', { kind: SpanKind.SERVER, parent: client });
		start('of the outer', { parent: outer }).end();
		start('of the inner', { parent: inner }).end();
		inner.end();
		client.end();
		outer.end();
		expect(text).toHaveLength(2);
		expect(text[0]).toContain('of the inner');
		expect(text[0]).not.toContain('of the outer');
		expect(text[1]).toContain('of the outer');
		expect(text[1]).toContain('CLIENT GET');
		expect(text[1]).not.toContain('of the inner');
	});

	test('a trace without a request is a block, too', () => {
		const { text, start } = drawn();
		const job = start('job');
		start('step', { parent: job }).end();
		job.end();
		expect(text[0]).toMatch(/^\njob .*\njob .*\n {2}step /);
	});

	test('a request that never ends keeps a limited number of spans, which are drawn at shutdown', async () => {
		const { text, start, processor } = drawn();
		const stream = start('GET /stream', { kind: SpanKind.SERVER });
		for (let index = 0; index < 1500; index++) start(`tick ${index}`, { parent: stream }).end();
		for (let index = 0; index < 100; index++) {
			const hanging = start('hanging', { kind: SpanKind.SERVER });
			for (let each = 0; each < 300; each++) start(`n ${each}`, { parent: hanging }).end();
		}
		expect(text).toEqual([]);
		// the oldest have made room for the latest
		await processor.shutdown();
		const counts = text.map((each) => 100 + Number(/… (\d+) more spans/.exec(each)?.[1] ?? 0));
		expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(20_000);
		expect(text.length).toBeGreaterThan(60);
		expect(text[0]).toMatch(/^\nnot ended /);

		text.length = 0;
		stream.end();
		expect(text[0]).toMatch(/SERVER GET \/stream /);
	});
});

interface StartOptions {
	kind?: SpanKind;
	parent?: Span;
	attributes?: Attributes;
}

function createStart(processor: WaterfallProcessor): (name: string, options?: StartOptions) => Span {
	const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('t');
	return (name: string, { kind = SpanKind.INTERNAL, parent, attributes = {} }: StartOptions = {}) =>
		tracer.startSpan(name, { kind, attributes }, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
}
