import { own } from '../project/project.ts';
import { satisfies } from '../project/version.ts';

/**
 * What to say about the Node that builds, when it is older than the one of `engines`.
 *
 * @param version as `process.version` has it
 */
export function checkNode(version: string = process.version): string | undefined {
	const range = own.engines!.node!;
	if (satisfies(version, range)) return undefined;
	return `Node ${version} is not supported (expected ${range}): the build goes on, but on such a Node the server runs untraced. Use a newer one`;
}
