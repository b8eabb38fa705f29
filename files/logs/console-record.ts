import type { LogRecord } from '@opentelemetry/api';
import { format, stripVTControlCharacters, types } from 'node:util';
import type { Method } from './observe-console.ts';
import { SEVERITIES, type SeverityName } from '../config/severity.ts';
import { cut } from './text.ts';

/** The severity of each console method: `console.log` is INFO, as in Deno and Sentry. */
const SEVERITY: Record<Method, SeverityName> = {
	debug: 'debug',
	log: 'info',
	info: 'info',
	warn: 'warn',
	error: 'error'
};

/** What is known about a line before it is formatted. */
export type Severity = Required<Pick<LogRecord, 'severityNumber' | 'severityText'>>;

const named = (name: SeverityName): Severity => ({
	severityNumber: SEVERITIES[name],
	severityText: name.toUpperCase()
});

const OF_METHOD = Object.fromEntries(
	Object.entries(SEVERITY).map(([method, name]) => [method, named(name)])
) as Record<Method, Severity>;

const TRACE = named('trace');

/** What Node prints for an uncaught exception. */
export const FATAL = named('fatal');

/**
 * Returns the severity of a line.
 *
 * @param method the console method
 * @param args the arguments of the call
 * @param wrapper see `Observer`
 */
export function severityOf(method: Method, args: unknown[], wrapper: Function): Severity {
	return method === 'error' && isTrace(args, wrapper) ? TRACE : OF_METHOD[method];
}

/**
 * Makes a record of a line. The body is the text that the console prints. The first error among the
 * arguments, or the first stack in a text, becomes `exception.*`. Objects are only part of the text, as in
 * Deno: the conventions have no attributes for console arguments.
 *
 * @param args the arguments of the console call
 * @param limit the maximum number of characters of each text
 */
export function toRecord(args: unknown[], limit: number): Pick<LogRecord, 'body' | 'exception'> {
	const text = format(...args);
	return {
		// terminal colours do not belong in the record
		body: cut(text.includes('\u001b') ? stripVTControlCharacters(text) : text, limit),
		...findException(args, limit)
	};
}

function findException(args: unknown[], limit: number): Pick<LogRecord, 'exception'> {
	try {
		const exception = args.find(isError) ?? args.map(readStack).find((each) => each !== undefined);
		return exception ? { exception: toException(exception, limit) } : {};
	} catch {
		// a getter or a proxy of the app threw; the console printed the line
		return {};
	}
}

/** The attributes that the SDK reads from an error, each text within the limit. */
export function toException({ name, message, stack, code }: NodeJS.ErrnoException, limit: number): object {
	return {
		name: text(name, limit),
		message: text(message, limit),
		stack: text(stack, limit),
		// the SDK prefers it to the name; that of a DOMException is a number without meaning
		code: text(code, limit)
	};
}

const text = (value: unknown, limit: number): string | undefined =>
	typeof value === 'string' ? cut(value, limit) : undefined;

/**
 * Matches an error that was formatted as text, with or without a heading, as SvelteKit does: its name, its
 * message of one or more lines, and the first stack frame.
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
 * `console.trace` prints through `console.error`. Wrapping it directly would add one more line to the
 * stack that it prints.
 */
function isTrace(args: unknown[], wrapper: Function): boolean {
	const [first] = args;
	if (args.length !== 1 || typeof first !== 'string' || !first.startsWith('Trace')) return false;
	return callersOf(wrapper, 1).includes('trace (node:internal/console/');
}

/** The stack above a function, as text. */
export function callersOf(callee: Function, depth: number): string {
	const { stackTraceLimit } = Error;
	const holder: { stack?: unknown } = {};
	Error.stackTraceLimit = depth;
	Error.captureStackTrace(holder, callee);
	// the stack is formatted when it is read
	const stack = String(holder.stack);
	Error.stackTraceLimit = stackTraceLimit;
	return stack;
}
