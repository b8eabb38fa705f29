import { log } from '../diagnostics/log.ts';
import type { Runtime } from '../types/runtime.ts';
import { describeOwner } from './foreign-owner.ts';
import { adaptToForeignSdk } from './foreign-sdk.ts';

/**
 * Leaves telemetry to the SDK that other code has registered, and logs that. With two SDKs in one process, each would
 * record only a part of the spans.
 *
 * @param why where the other SDK comes from, for the log
 * @returns the functions for the server entries
 */
export function standDown(why: string): Partial<Runtime> {
	adaptToForeignSdk();
	log('info', `${why}, which is used instead of adapter-node-otel's. ${describeOwner()}`);
	return { enabled: true };
}
