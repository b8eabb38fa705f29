/** The instrumentations that make log records. Those of other libraries make spans. */
const LOGGERS = /\/instrumentation-(?:bunyan|pino|winston)$/;

/**
 * What an instrumentation makes, for messages.
 *
 * @param name the package of the instrumentation
 */
export const itemsOf = (name: string): 'log records' | 'spans' =>
	LOGGERS.test(name) ? 'log records' : 'spans';
