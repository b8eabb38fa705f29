import { own } from '../project/project.ts';
import { satisfies } from '../project/version.ts';

/**
 * Returns a warning if the Node that runs the build is older than the one in `engines`.
 *
 * @param version as `process.version` has it
 */
export function checkNode(version: string = process.version): string | undefined {
	const range = own.engines!.node!;
	if (satisfies(version, range)) return undefined;
	return `Node ${version} is not supported (expected ${range}): the build continues, but on this version the server runs without telemetry. Use Node ${range.replace('>=', '')} or later`;
}
