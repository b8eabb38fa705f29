import { log } from '../diagnostics/log.ts';
import { findInstrumentation, findPackage } from '../instrumentation/find-package.ts';
import type { Defaults } from '../types/build-manifest.d.ts';

const WINSTON = '@opentelemetry/instrumentation-winston';
const TRANSPORT = '@opentelemetry/winston-transport';

/**
 * The loggers whose instrumentations export their log records, by package. What they print through the
 * console is already exported. Logs one line about an instrumentation that cannot do this.
 *
 * @param working short names of the working instrumentations
 * @param options options of instrumentations, by package
 */
export function findSenders(
	working: readonly string[],
	options: Defaults['instrumentations'] = {}
): string[] {
	return ['bunyan', 'pino', 'winston'].filter((name) => {
		const own = options[`@opentelemetry/instrumentation-${name}`];
		const isSending = working.includes(name) && !(own && own['disableLogSending']);
		return isSending && (name !== 'winston' || hasTransport());
	});
}

function hasTransport(): boolean {
	if (findPackage(TRANSPORT, findInstrumentation(WINSTON))) return true;
	log(
		'warn',
		`${TRANSPORT} is not installed, and ${WINSTON} sends no log records without it: what winston logs is not exported. Install it with the app's dependencies, and build again`
	);
	return false;
}
