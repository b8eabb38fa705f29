import { INSTRUMENTATION_FILE } from './instrumentation-file.ts';
import { log } from './log.ts';
import { registerPath } from './register-path.ts';

/** What was too late to be traced, and how the server was started. */
export interface LateStart {
	/** The path of `build/otel/register.js`, from the working directory. */
	register: string;
	/** Whether this is a custom server that has imported `handler.js` without `register.js`. */
	isHandler: boolean;
	/** The libraries that had been loaded before. */
	libraries: readonly string[];
	/** Whether the app has an instrumentation file, which may have imported them. */
	hasFile: boolean;
	/** Whether this is Vite's dev or preview server, which cannot be started with `register.js`. */
	isVite: boolean;
}

/**
 * The message about what happened before telemetry started, and is not traced for this reason. One message, because
 * the remedy is the same.
 */
export function describeLateStart({ register, isHandler, libraries, hasFile, isVite }: LateStart): string {
	const late = `${libraries.join(', ')} had been loaded when telemetry started, so there will be no spans of them`;
	if (isVite) {
		const files = `the Vite configuration${hasFile ? ` or in ${INSTRUMENTATION_FILE}` : ''}`;
		return `${late}. Stop Vite and start it with an OTEL_ variable, in .env for example, and do not import them in ${files}`;
	}
	const start = `node --import ${register}`;
	const file = hasFile && libraries.length > 0 ? `, and do not import them in ${INSTRUMENTATION_FILE}` : '';
	if (!isHandler) {
		return `${late}. Start telemetry first, by ${start}${file}`;
	}
	const imported = libraries.length > 0 ? ` (${libraries.join(', ')})` : '';
	return `tracing begins at \`handler\`: what the server does before it is not traced, nor are libraries that it has imported before${imported}. Start it with ${start}${file}`;
}

/** Logs what was too late. */
export function logLateStart(start: Omit<LateStart, 'register'>): void {
	log(
		start.libraries.length > 0 ? 'warn' : 'info',
		describeLateStart({ ...start, register: registerPath() })
	);
}
