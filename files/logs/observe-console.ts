/**
 * The methods of `console` whose lines are observed. The other methods call one of these, or print nothing
 * that belongs in a log.
 */
export const METHODS = ['debug', 'log', 'info', 'warn', 'error'] as const;

/** The name of one of these methods. */
export type Method = (typeof METHODS)[number];

/**
 * Called for each line after it was printed. Its own output is not printed: formatting arguments may
 * print, and the console has already formatted them once.
 *
 * @param method the method that was called
 * @param args the arguments of the call
 * @param wrapper the function that replaces the method; the stack above it is the app's
 */
export type Observer = (method: Method, args: unknown[], wrapper: Function) => void;

/** What {@link observeConsole} returns. */
export interface Observation {
	/** The methods that are not observed. */
	left: readonly Method[];
	/** Ends the observation. The last one to end restores the methods. */
	stop(): void;
}

const observers = new Set<Observer>();

/** Restores a method that is wrapped. */
const restores: (() => void)[] = [];
let left: readonly Method[] = [];

/**
 * Observes calls of the global `console`. A method prints first, with the same arguments as before.
 * stdout, stderr and the output in a debugger do not change by a byte.
 *
 * Only Node's own methods are wrapped. A method that was replaced may print elsewhere or not at all. A
 * frozen console is left as it is. A second observer shares the wrapper of the first one.
 *
 * @param observe called for each line; must not throw
 */
export function observeConsole(observe: Observer): Observation {
	if (observers.size === 0) {
		const isNodes = console === process.getBuiltinModule('node:console');
		left = METHODS.filter((method) => !isNodes || !wrap(method));
	}
	observers.add(observe);
	return {
		left,
		stop() {
			observers.delete(observe);
			if (observers.size === 0) for (const restore of restores.splice(0)) restore();
		}
	};
}

/** Whether a line is being observed. */
let isObserving = false;

function wrap(method: Method): boolean {
	const descriptor = Object.getOwnPropertyDescriptor(console, method);
	const print: unknown = descriptor?.value;
	if (!descriptor?.configurable || typeof print !== 'function' || !isNative(print)) return false;

	// a method with the original name and without a prototype, so that the app sees no difference
	const wrapper = {
		[method](...args: unknown[]): void {
			if (isObserving) return;
			print(...args);
			isObserving = true;
			try {
				for (const observe of observers) observe(method, args, wrapper);
			} finally {
				isObserving = false;
			}
		}
	}[method]!;
	Object.defineProperty(console, method, { ...descriptor, value: wrapper });
	restores.push(() => {
		// somebody may have wrapped it again
		if (console[method] === wrapper) Object.defineProperty(console, method, descriptor);
	});
	return true;
}

/** Node's methods are bound to the console, so their source is not visible. */
const isNative = (method: Function): boolean =>
	/\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(method));
