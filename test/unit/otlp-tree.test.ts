import { expect, test } from 'vitest';

import { outline } from '../otlp/outline.ts';
import { printTree, printTrees } from '../otlp/print.ts';
import type { ReceivedSpan } from '../otlp/span.ts';
import { findSpan, isComplete, toTrees, treeOf } from '../otlp/tree.ts';

const traceId = '1'.repeat(32);

function span(
	spanId: string,
	parentSpanId: string | undefined,
	partial: Partial<ReceivedSpan> = {}
): ReceivedSpan {
	return {
		traceId,
		spanId,
		...(parentSpanId ? { parentSpanId } : {}),
		traceState: '',
		flags: 0x101,
		name: spanId,
		kind: 'INTERNAL',
		startTimeUnixNano: 0n,
		endTimeUnixNano: 1_500_000n,
		attributes: {},
		droppedAttributesCount: 0,
		events: [],
		droppedEventsCount: 0,
		links: [],
		droppedLinksCount: 0,
		status: { code: 'UNSET' },
		resource: {},
		scope: { name: '', version: '' },
		...partial
	};
}

// In the order in which spans usually arrive: the first to end comes first.
const spans = [
	span('late', 'root', { startTimeUnixNano: 2n }),
	span('leaf', 'early', { startTimeUnixNano: 1n }),
	span('early', 'root', { startTimeUnixNano: 1n }),
	span('a-tie', 'root', { startTimeUnixNano: 2n }),
	span('root', 'elsewhere', {
		flags: 0x301,
		kind: 'SERVER',
		name: 'GET /',
		status: { code: 'ERROR' },
		attributes: { 'http.response.status_code': 500 }
	})
];

test('a tree has its root at the top and the children by start, then name', () => {
	expect(outline(treeOf(spans, traceId))).toEqual(['SERVER GET /', [['early', ['leaf']], 'a-tie', 'late']]);
	expect(treeOf(spans, traceId).missingParentId).toBe('elsewhere');
});

test('children that run at the same time can be sorted by name', () => {
	expect(outline(treeOf(spans, traceId), { sort: 'name', label: ({ name }) => name.toUpperCase() })).toEqual([
		'GET /',
		['A-TIE', 'LATE', ['EARLY', ['LEAF']]]
	]);
});

test('a trace is complete when only a root misses its parent', () => {
	expect(isComplete(spans, traceId)).toBe(true);
	expect(isComplete(spans.slice(0, 2), traceId)).toBe(false);
	expect(isComplete(spans.slice(0, 3), traceId)).toBe(false);
	expect(isComplete(spans, '2'.repeat(32))).toBe(false);
});

test('spans of other traces are separate trees', () => {
	const others = [...spans, span('root', undefined, { traceId: '2'.repeat(32) })];
	expect(toTrees(others)).toHaveLength(2);
	expect(toTrees([])).toEqual([]);
});

test('several roots are an error, with the trees in the message', () => {
	const broken = spans.filter(({ spanId }) => spanId !== 'early');
	expect(() => treeOf(broken, traceId)).toThrow(/has 2 roots, not one\nGET \/ {2}SERVER[^]*leaf/);
	expect(() => treeOf([], traceId)).toThrow('has 0 roots, not one');
});

test('a span is found by name, or the tree is shown', () => {
	const tree = treeOf(spans, traceId);
	expect(findSpan(tree, 'leaf').spanId).toBe('leaf');
	expect(findSpan(tree, ({ kind }) => kind === 'SERVER').spanId).toBe('root');
	expect(() => findSpan(tree, 'none')).toThrow(/No span "none" in\nGET \//);
});

test('a tree prints with kinds, durations and the key attributes of its root', () => {
	expect(printTree(treeOf(spans, traceId))).toBe(
		[
			`GET /  SERVER  1.50 ms  ERROR  (trace ${traceId}, parent elsewhere not received, http.response.status_code=500)`,
			'├─ early  INTERNAL  1.50 ms',
			'│  └─ leaf  INTERNAL  1.50 ms',
			'├─ a-tie  INTERNAL  1.50 ms',
			'└─ late  INTERNAL  1.50 ms'
		].join('\n')
	);
	expect(printTrees([])).toBe('(no spans)');
});
