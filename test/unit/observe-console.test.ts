import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { observeRequests } from '../../files/dev/observe-requests.ts';
import type { Line } from '../../files/dev/trace-store.ts';
import { callersOf, toRecord } from '../../files/logs/console-record.ts';
import { observeConsole } from '../../files/logs/observe-console.ts';

/** What the console of a process without a test runner has. */
const printed = vi.fn<(...args: unknown[]) => void>();
const before = console.log;
let stop: () => void = () => {};

beforeEach(() => {
	// only Node's own methods are observed, and these are always bound
	console.log = printed.bind(undefined);
	vi.spyOn(process, 'getBuiltinModule').mockReturnValue(console as never);
});

afterEach(() => {
	stop();
	console.log = before;
	vi.restoreAllMocks();
	printed.mockReset();
});

describe('an observed console', () => {
	test('prints once what is printed while it is observed, and does not observe that', () => {
		const seen: unknown[] = [];
		({ stop } = observeConsole((_method, args) => {
			seen.push(args[0]);
			console.log('from the observer');
		}));
		console.log('from the app');
		expect(seen).toEqual(['from the app']);
		expect(printed.mock.calls).toEqual([['from the app']]);
	});

	test('is not changed if other code has replaced a method since', () => {
		({ stop } = observeConsole(() => {}));
		const theirs = (): void => {};
		console.log = theirs;
		stop();
		expect(console.log).toBe(theirs);
	});

	test('is restored otherwise', () => {
		const nodes = console.log;
		({ stop } = observeConsole(() => {}));
		expect(console.log).not.toBe(nodes);
		stop();
		expect(console.log).toBe(nodes);
	});
});

test('a record has no colours of the terminal', () => {
	expect(toRecord(['\u001b[31mred\u001b[39m'], 100).body).toBe('red');
});

test('looking at the stack leaves the limit of the app as it is', () => {
	Error.stackTraceLimit = 7;
	callersOf(callersOf, 1);
	expect(Error.stackTraceLimit).toBe(7);
	Error.stackTraceLimit = 10;
});

test('a line whose argument throws when it is formatted again is a line without a text', () => {
	const contextManager = new AsyncLocalStorageContextManager().enable();
	const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.SAMPLED };
	const context = trace.setSpanContext(ROOT_CONTEXT, spanContext);
	const lines: Line[] = [];
	stop = observeRequests(
		() => contextManager.active(),
		(_id, line) => lines.push(line)
	);
	const hostile = {
		[inspect.custom]() {
			throw new Error('formatted');
		}
	};
	contextManager.with(context, () => console.log(hostile));
	expect(lines).toMatchObject([{ span: spanContext.spanId, severity: 'INFO', text: '' }]);
});
