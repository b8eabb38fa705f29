import { nodeVersions } from '../support/node-binary.ts';

/** A part of the long run: what it adds to the environment, and which tests it runs. */
export interface Step {
	name: string;
	env: Record<string, string>;
	tests: string[];
}

// a minute of load is for `npm test`, and ten for `npm run test:reliability`
const e2e = ['--project', 'e2e', '--exclude', 'test/reliability/soak.test.ts'];

/**
 * What `npm test` leaves out: the end-to-end suite on the oldest combinations of versions, its servers on every other
 * Node, package managers, builds on every Node, what is refused.
 *
 * @param node the version that runs the tests, and with them the first step
 */
export function listSteps(node: string = process.versions.node): Step[] {
	const others = Object.keys(nodeVersions).filter((name) => name !== node.split('.')[0]);
	return [
		{ name: 'oldest', env: { COMBINATIONS: 'oldest' }, tests: e2e },
		...others.map((name) => ({ name: `node-${name}`, env: { TEST_NODE: name }, tests: e2e })),
		{ name: 'installations', env: {}, tests: ['--project', 'matrix'] }
	];
}
