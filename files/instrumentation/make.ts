import type { MadeInstrumentations } from '../types/made-instrumentations.d.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';

type Options = Record<string, unknown>;

/** An instrumentation class, with its specific options. */
type InstrumentationClass = new (options: Options) => Instrumentation;

/**
 * Creates instrumentations from the exports of a package: from its classes and instances or, if there are none,
 * from functions that return one. The build uses the same function to inspect an instrumentation package.
 *
 * @param exports of the package
 * @param options of the instrumentation
 */
export function makeInstrumentations(exports: object, options: Options): MadeInstrumentations {
	const values = valuesOf(exports);
	const classes = [...values].filter((entry): entry is [InstrumentationClass, string] =>
		isInstrumentationClass(entry[0])
	);
	const made: MadeInstrumentations = {
		instrumentations: [...values.keys()].filter(isInstrumentation),
		failures: []
	};
	for (const instance of made.instrumentations) configure(instance, options);
	for (const [Class, name] of classes) {
		try {
			made.instrumentations.push(expectInstrumentation(new Class(options)));
		} catch (error) {
			const isBaseOfAnother = classes.some(([other]) => other.prototype instanceof Class);
			if (!isBaseOfAnother) made.failures.push({ name, error });
		}
	}
	if (made.instrumentations.length > 0 || made.failures.length > 0) return made;
	return { instrumentations: callFactories(values, options), failures: [] };
}

/** The exports by value, including the properties of the default export, which is what CommonJS modules export. */
function valuesOf(exports: object): Map<unknown, string> {
	const values = new Map<unknown, string>();
	const add = (namespace: object, depth: number): void => {
		for (const name of Object.keys(namespace)) {
			const value = read(namespace, name);
			if (!values.has(value)) values.set(value, name);
			const isNamespace = typeof value === 'object' && value !== null && !isInstrumentation(value);
			if (/^(?:default|module\.exports)$/.test(name) && isNamespace && depth > 0) add(value, depth - 1);
		}
	};
	add(exports, 2);
	return values;
}

/** An export may be a getter that throws. */
function read(namespace: object, name: string): unknown {
	try {
		return (namespace as Record<string, unknown>)[name];
	} catch {
		return undefined;
	}
}

/**
 * Whether a value is a class that creates instrumentations. A class that extends upstream's base class and has no
 * `init` method is abstract.
 */
function isInstrumentationClass(value: unknown): value is InstrumentationClass {
	if (typeof value !== 'function') return false;
	const prototype = value.prototype as
		| (Partial<Instrumentation> & { init?: unknown; _updateMetricInstruments?: unknown })
		| undefined;
	if (typeof prototype?.enable !== 'function' || typeof prototype.setTracerProvider !== 'function') {
		return false;
	}
	const hasBaseClass = '_updateMetricInstruments' in prototype;
	return !hasBaseClass || typeof prototype.init === 'function';
}

/** Whether a value has the methods that registering an instrumentation calls. */
export function isInstrumentation(value: unknown): value is Instrumentation {
	if (typeof value !== 'object' || value === null) return false;
	const { instrumentationName, enable, setTracerProvider, getConfig } = value as Partial<Instrumentation>;
	return (
		typeof instrumentationName === 'string' &&
		[enable, setTracerProvider, getConfig].every((method) => typeof method === 'function')
	);
}

function expectInstrumentation(value: unknown): Instrumentation {
	if (!isInstrumentation(value)) throw new TypeError('it is not an instrumentation');
	return value;
}

function configure(instrumentation: Instrumentation, options: Options): void {
	if (Object.keys(options).length > 0) {
		instrumentation.setConfig?.({ ...instrumentation.getConfig(), ...options });
	}
}

/** Calls exported functions, but only if the name shows that they create an instrumentation. */
function callFactories(values: Map<unknown, string>, options: Options): Instrumentation[] {
	return [...values].flatMap(([value, name]) => {
		if (typeof value !== 'function' || !/instrumentation/i.test(`${name} ${value.name}`)) return [];
		try {
			const result: unknown = (value as (options: Options) => unknown)(options);
			return isInstrumentation(result) ? [result] : [];
		} catch {
			return [];
		}
	});
}
