import type { Reporter, TestModule } from 'vitest/node';

/** On a shared machine a test of real processes may wait for a processor; a fault is there twice. */
export const retry: number = process.env['CI'] ? 1 : 0;

/** More tests than these that pass at the second try only are a fault, not a busy machine. */
const MOST_RETRIED = 5;

/** Names the tests that passed at the second try only, and fails a run that has more than a handful of them. */
export class RetriesReporter implements Reporter {
	onTestRunEnd(modules: readonly TestModule[]): void {
		const retried = modules.flatMap((module) =>
			[...module.children.allTests('passed')]
				.filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0)
				.map((test) => `  ${module.relativeModuleId} > ${test.fullName}`)
		);
		if (retried.length === 0) return;
		console.log(['', 'Passed at the second try only:', ...retried, ''].join('\n'));
		if (retried.length <= MOST_RETRIED) return;
		console.error(
			`${retried.length} tests had to be tried twice, more than ${MOST_RETRIED}: the run has failed`
		);
		process.exitCode = 1;
	}
}
