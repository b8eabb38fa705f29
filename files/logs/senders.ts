import { log } from '../diagnostics/log.ts';
import { findInstrumentation, findPackage } from '../instrumentation/find-package.ts';
import type { Defaults } from '../types/build-manifest.d.ts';

const WINSTON = '@opentelemetry/instrumentation-winston';
const TRANSPORT = '@opentelemetry/winston-transport';

/**
 * The loggers whose instrumentations send what they log, by their packages: what they print through the
 * console is sent already. Tells of one that cannot.
 *
 * @param working short names of the instrumentations that work
 * @param options of instrumentations, by package
 */
export function findSenders(
	working: readonly string[],
	options: Defaults['instrumentations'] = {}
): string[] {
	return ['pino', 'winston'].filter((name) => {
		const own = options[`@opentelemetry/instrumentation-${name}`];
		const isSending = working.includes(name) && !(own && own['disableLogSending']);
		return isSending && (name !== 'winston' || hasTransport());
	});
}

function hasTransport(): boolean {
	if (findPackage(TRANSPORT, findInstrumentation(WINSTON))) return true;
	log(
		'warn',
		`${TRANSPORT} is not installed, and ${WINSTON} sends no log records without it: what winston logs is not exported. Install it: npm i ${TRANSPORT}`
	);
	return false;
}
