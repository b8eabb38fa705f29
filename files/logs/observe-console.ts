/** The methods of `console` whose lines are observed. What others print goes through one of these, or is no line for a log. */
export const METHODS = ['debug', 'log', 'info', 'warn', 'error'] as const;

/** The name of one. */
export type Method = (typeof METHODS)[number];

/**
 * Is told of each line after it was printed. What it prints itself is printed nowhere: formatting arguments
 * may print, and then has done so already when the console formatted them.
 *
 * @param method that was called
 * @param args that it was called with
 * @param wrapper the function that stands in the method's place, above which the stack is the app's
 */
export type Observer = (method: Method, args: unknown[], wrapper: Function) => void;

/**
 * Observes what goes through the global `console`. A method prints first, as it always did, with the same
 * arguments: not a byte of stdout and stderr changes, nor what a debugger shows.
 *
 * Only Node's own methods are wrapped: what somebody has put in the place of one may print elsewhere or not
 * at all, and a frozen console is meant to stay as it is.
 *
 * @param observe told of each line; must not throw
 * @returns the methods that are left alone
 */
export function observeConsole(observe: Observer): Method[] {
	const isNodes = console === process.getBuiltinModule('node:console');
	return METHODS.filter((method) => !isNodes || !wrap(method, observe));
}

/** Whether an observation is under way. */
let isObserving = false;

function wrap(method: Method, observe: Observer): boolean {
	const descriptor = Object.getOwnPropertyDescriptor(console, method);
	const print: unknown = descriptor?.value;
	if (!descriptor?.configurable || typeof print !== 'function' || !isNative(print)) return false;

	// a method by its name, without a prototype: what the app can see of it is as before
	const wrapper = {
		[method](...args: unknown[]): void {
			if (isObserving) return;
			print(...args);
			isObserving = true;
			try {
				observe(method, args, wrapper);
			} finally {
				isObserving = false;
			}
		}
	}[method]!;
	Object.defineProperty(console, method, { ...descriptor, value: wrapper });
	return true;
}

/** Node's methods are bound to the console, and show no code. */
const isNative = (method: Function): boolean =>
	/\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(method));
