import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { cleanEnv } from './clean-env.ts';

/** What a process wrote; it ended by itself, with 0. */
export interface ProcessOutput {
	stdout: string;
	stderr: string;
}

/**
 * Runs code in a process of its own that is traced by a build, without a server: the telemetry of `build/`
 * is preloaded, as in front of a server of one's own, and the API that it registers with is in scope, with
 * `shutdown` and a `tracer`. When the code is done, the rest is exported.
 *
 * @param build the output of the adapter
 * @param env the whole environment besides `PATH`
 * @param code the body of an async function
 */
export async function runTraced(
	build: string,
	env: Record<string, string>,
	code: string
): Promise<ProcessOutput> {
	const url = (file: string): string => JSON.stringify(pathToFileURL(join(build, 'otel', file)).href);
	const script = [
		`import { shutdown } from ${url('register.js')};`,
		`import { ROOT_CONTEXT, context, logs, metrics, propagation, trace } from ${url('api.js')};`,
		`const tracer = trace.getTracer('unit');`,
		`await (async () => {${code}})();`,
		'await shutdown();'
	].join('\n');

	const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
		env: { ...cleanEnv(), ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	const [[exitCode], stdout, stderr] = await Promise.all([
		once(child, 'close'),
		text(child.stdout),
		text(child.stderr)
	]);
	if (exitCode !== 0) throw new Error(`The process exited with ${exitCode}\n${stdout}\n${stderr}`);
	return { stdout, stderr };
}
