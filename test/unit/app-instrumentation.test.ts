import { expect, test } from 'vitest';
import { runAppInstrumentation } from '../../files/kit/app-instrumentation.ts';
import { captureStderr } from './support/stderr.ts';

const lines = captureStderr();

test('the valid fields of the default export are used, and the others are logged', async () => {
	const requestHook = (): void => {};
	expect(
		await runAppInstrumentation(async () => () => ({ requestHook, sampler: 1, constructor: 1, other: 1 }))
	).toEqual({ requestHook });
	expect(lines.map((line) => /: (.* it is left out)/.exec(line)?.[1])).toEqual([
		'`sampler` of src/instrumentation.server is invalid: it is left out',
		// every object inherits one
		'`constructor` of src/instrumentation.server is unknown: it is left out',
		'`other` of src/instrumentation.server is unknown: it is left out'
	]);
});
