import { log } from '../diagnostics/log.ts';
import { registerPath } from '../diagnostics/register-path.ts';

/** For a worker thread in a process whose main thread has no telemetry, and cannot log what is lost at its exit. */
export const logWorkerAlone = (): void =>
	log(
		'info',
		`telemetry runs in this worker thread, and not in the main thread: what the worker has not exported is lost when the main thread calls process.exit(). Before that, call shutdown() of ${registerPath()} in the worker`
	);
