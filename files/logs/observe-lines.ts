import { log } from '../diagnostics/log.ts';
import { callersOf, severityOf, toRecord } from './console-record.ts';
import { observeConsole } from './observe-console.ts';
import type { SafeLogger } from './safe-loggers.ts';

/** Stack frames between a logger's own code and the console: the app's stream may be among them. */
const DEPTH = 6;

/**
 * Makes a record of each line that goes through the console.
 *
 * @param logger gets the records
 * @param limit the maximum number of characters of each text
 * @param senders packages that export their log lines themselves; what they print through the console is
 * skipped
 * @returns ends it
 */
export function observeLines(logger: SafeLogger, limit: number, senders: readonly string[]): () => void {
	const ofSender =
		senders.length > 0 ? new RegExp(`[\\\\/]node_modules[\\\\/](${senders.join('|')})[\\\\/]`) : undefined;

	const { left, stop } = observeConsole((method, args, wrapper) => {
		const severity = severityOf(method, args, wrapper);
		logger.emitLater(severity, () => {
			// loggers print a whole line at once
			if (
				ofSender &&
				args.length === 1 &&
				typeof args[0] === 'string' &&
				ofSender.test(callersOf(wrapper, DEPTH))
			)
				return undefined;
			return { ...severity, ...toRecord(args, limit) };
		});
	});
	if (left.length === 0) return stop;
	const methods = left.map((method) => `console.${method}`).join(', ');
	log(
		'warn',
		`${methods} ${left.length === 1 ? 'is' : 'are'} not Node's own any more, or frozen: what is printed there is not exported. Replace ${left.length === 1 ? 'it' : 'them'} in src/hooks.server, which runs later, or log through @opentelemetry/api`
	);
	return stop;
}
