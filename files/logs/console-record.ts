import type { LogRecord } from '@opentelemetry/api';
import { format, stripVTControlCharacters, types } from 'node:util';
import type { Method } from './observe-console.ts';
import { SEVERITIES, type SeverityName } from '../config/severity.ts';
import { cut } from './text.ts';

/** How severe what a method prints is: `console.log` is information, as it is for Deno and for Sentry. */
const SEVERITY: Record<Method, SeverityName> = {
	debug: 'debug',
	log: 'info',
	info: 'info',
	warn: 'warn',
	error: 'error'
};

/** What is known of a line before it is formatted. */
export type Severity = Required<Pick<LogRecord, 'severityNumber' | 'severityText'>>;

const named = (name: SeverityName): Severity => ({
	severityNumber: SEVERITIES[name],
	severityText: name.toUpperCase()
});

const OF_METHOD = Object.fromEntries(
	Object.entries(SEVERITY).map(([method, name]) => [method, named(name)])
) as Record<Method, Severity>;

const TRACE = named('trace');

/** What Node prints of an exception that nobody has caught. */
export const FATAL = named('fatal');

/**
 * How severe a line is.
 *
 * @param method that prints it
 * @param args what it was called with
 * @param wrapper see `Observer`
 */
export function severityOf(method: Method, args: unknown[], wrapper: Function): Severity {
	return method === 'error' && isTrace(args, wrapper) ? TRACE : OF_METHOD[method];
}

/**
 * A line as a record: the text that the console prints, and the first error among the arguments,
 * or the first stack of one, as `exception.*`. Objects are part of the text and nothing else, as they are for Deno: the conventions have no
 * attributes for the arguments of a console.
 *
 * @param args what the console was called with
 * @param limit characters of each text at most
 */
export function toRecord(args: unknown[], limit: number): Pick<LogRecord, 'body' | 'exception'> {
	const text = format(...args);
	const exception = args.find(isError) ?? args.map(readStack).find((each) => each !== undefined);
	return {
		// colours are for terminals
		body: cut(text.includes('\u001b') ? stripVTControlCharacters(text) : text, limit),
		...(exception && { exception: toException(exception, limit) })
	};
}

/** What the SDK takes of an error, each text within the limit. */
export function toException({ name, message, stack, code }: NodeJS.ErrnoException, limit: number): object {
	return { name: text(name, limit), message: text(message, limit), stack: text(stack, limit), code };
}

const text = (value: unknown, limit: number): string | undefined =>
	typeof value === 'string' ? cut(value, limit) : undefined;

/**
 * An error that somebody has made a text of, perhaps with a heading, as SvelteKit does: its name, its message
 * of some lines, and the first place.
 */
const STACK = /^([\w$.]*(?:Error|Exception))(?: \[\w+\])?(?:: (.*(?:\n(?! {4}at ).*){0,20}))?\n {4}at /m;

function readStack(value: unknown): NodeJS.ErrnoException | undefined {
	if (typeof value !== 'string' || !value.includes('\n    at ')) return undefined;
	const found = STACK.exec(value);
	if (!found) return undefined;
	const [, name = '', message = ''] = found;
	return { name, message, stack: value.slice(found.index).trimEnd() };
}

const isError = (value: unknown): value is Error => types.isNativeError(value) || value instanceof Error;

/**
 * `console.trace` prints through `console.error`. To observe it directly would put one more line into the
 * stack that it prints.
 */
function isTrace(args: unknown[], wrapper: Function): boolean {
	const [first] = args;
	if (args.length !== 1 || typeof first !== 'string' || !first.startsWith('Trace')) return false;
	return callersOf(wrapper, 1).includes('trace (node:internal/console/');
}

/** The stack above a function, as a text. */
export function callersOf(callee: Function, depth: number): string {
	const { stackTraceLimit } = Error;
	const holder: { stack?: unknown } = {};
	Error.stackTraceLimit = depth;
	Error.captureStackTrace(holder, callee);
	// the stack is made when it is read
	const stack = String(holder.stack);
	Error.stackTraceLimit = stackTraceLimit;
	return stack;
}
