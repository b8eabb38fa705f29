import { log } from '../diagnostics/log.ts';
import type { Runtime } from '../types/runtime.ts';
import { describeOwner } from './foreign-owner.ts';
import { adaptToForeignSdk } from './foreign-sdk.ts';

/**
 * Leaves telemetry to the SDK that other code has registered, and logs that. With two SDKs in one process, each would
 * record only a part of the spans.
 *
 * @param file the file of the app that has registered it; undefined if it was registered before
 * @returns the functions for the server entries
 */
export function standDown(file: string | undefined): Partial<Runtime> {
	adaptToForeignSdk();
	const why = file
		? `${file} has registered an OpenTelemetry SDK`
		: 'an OpenTelemetry SDK is already registered';
	log('info', `${why}, which is used instead of adapter-node-otel's. ${describeOwner()}`);
	return { enabled: true };
}
