import * as upstream from '@opentelemetry/instrumentation';
import { describe, expect, test } from 'vitest';
import * as ours from '../../files/instrumentation/instrumentation-base.ts';

const error = new Error('the hook of the app is wrong');
const fail = (): never => {
	throw error;
};

/** What is returned, thrown and reported. */
function call(
	safely: typeof ours.safeExecuteInTheMiddle,
	execute: () => unknown,
	preventThrowing?: boolean
): unknown {
	const reported: unknown[] = [];
	const onFinish = (...args: unknown[]): void => void reported.push(args);
	try {
		return { returned: safely(execute, onFinish, preventThrowing), reported };
	} catch (thrown) {
		return { thrown, reported };
	}
}

test.each<[what: string, execute: () => unknown, preventThrowing?: boolean]>([
	['that returns', () => 1],
	['that throws', fail],
	['that throws where nothing may be thrown', fail, true],
	['that returns where nothing may be thrown', () => 1, true]
])('a hook %s is called as upstream calls it', (_, execute, preventThrowing) => {
	expect(call(ours.safeExecuteInTheMiddle, execute, preventThrowing)).toEqual(
		call(upstream.safeExecuteInTheMiddle, execute, preventThrowing)
	);
});

test('a hook that throws does not fail the request', () => {
	expect(call(ours.safeExecuteInTheMiddle, fail, true)).toEqual({
		returned: undefined,
		reported: [[error, undefined]]
	});
});

describe('the base of an instrumentation', () => {
	test.each([
		[{}, 1],
		[{ enabled: true }, 1],
		[{ enabled: false }, 0]
	])('is enabled by %j as upstream’s is: %i', (config, times) => {
		const enabled = [ours.InstrumentationBase, upstream.InstrumentationBase].map((Base) => {
			let calls = 0;
			class Instrumentation extends (Base as typeof upstream.InstrumentationBase) {
				override enable(): void {
					calls++;
				}
				override init(): undefined {}
			}
			expect(new Instrumentation('test', '1', config).getConfig().enabled).toBe(times === 1);
			return calls;
		});
		expect(enabled).toEqual([times, times]);
	});
});
