import { cleanEnv } from './clean-env.ts';
import { type ExecResult, exec } from './exec.ts';
import { type NodeVersion, nodeBinary } from './node-binary.ts';

/** Runs `main.js` of a folder, which may import TypeScript, on a version of Node. */
export async function runOnNode(version: NodeVersion, dir: string): Promise<ExecResult> {
	const node = await nodeBinary(version);
	const args = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', 'main.js'];
	return exec(node, args, { cwd: dir, env: cleanEnv(node) });
}
