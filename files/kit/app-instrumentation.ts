import type { Sampler as SdkSampler, SpanProcessor as SdkSpanProcessor } from '@opentelemetry/sdk-trace';
import { FILE, describe, guard } from '../diagnostics/guard.ts';
import { log } from '../diagnostics/log.ts';
import type {
	Instrumentation,
	Nested,
	Sampler,
	ServerInstrumentation,
	SpanProcessor
} from '../types/server-instrumentation.d.ts';

type Fields = keyof ServerInstrumentation;

/** What each field has to be. */
const FIELDS: Record<Fields, { expected: string; valid(value: unknown): boolean }> = {
	instrumentations: {
		expected: 'OpenTelemetry instrumentations',
		valid: (value) => [value].flat(Infinity).every((item) => has(item, ['enable', 'setTracerProvider']))
	},
	spanProcessors: {
		expected: 'an array of span processors',
		valid: (value) =>
			Array.isArray(value) && value.every((item) => has(item, ['onStart', 'onEnd', 'forceFlush', 'shutdown']))
	},
	sampler: {
		expected: 'a sampler, or a function that returns one',
		valid: (value) => typeof value === 'function' || has(value, ['shouldSample'])
	},
	resourceAttributes: {
		expected: 'an object of strings, numbers and booleans',
		valid: (value) =>
			typeof value === 'object' &&
			value !== null &&
			Object.values(value).every((item) => ['string', 'number', 'boolean'].includes(typeof item))
	},
	requestHook: { expected: 'a function', valid: (value) => typeof value === 'function' },
	responseHook: { expected: 'a function', valid: (value) => typeof value === 'function' }
};

/**
 * Runs the app's `instrumentation.server` file and reads the configuration that it exports, if it is of that
 * kind: a set-up of the app's own exports none. Never rejects.
 *
 * @param file the URL of the module that the build has written for it
 */
export async function runAppInstrumentation(file: string): Promise<ServerInstrumentation> {
	try {
		const { configuration } = (await import(file)) as { configuration?: unknown };
		return readConfiguration(typeof configuration === 'function' ? await configuration() : configuration);
	} catch (error) {
		log('error', `${FILE} has failed (${describe(error)}): the server runs without it. Fix it there`);
		return {};
	}
}

/** The fields that can be used; of the others, each is told. */
export function readConfiguration(configuration: unknown): ServerInstrumentation {
	if (configuration === undefined) return {};
	if (typeof configuration !== 'object' || configuration === null) {
		log(
			'warn',
			`the default export of ${FILE} is ${configuration === null ? 'null' : `a ${typeof configuration}`}: it is left out. Expected an object, or a function that returns one`
		);
		return {};
	}

	const valid: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(configuration)) {
		if (value === undefined) continue;
		const field = FIELDS[name as Fields];
		if (field?.valid(value)) {
			valid[name] = value;
			continue;
		}
		const known = new Intl.ListFormat('en', { type: 'disjunction' }).format(Object.keys(FIELDS));
		log(
			'warn',
			`\`${name}\` of ${FILE} is ${field ? 'not what it has to be' : 'unknown'}: it is left out. Expected ${field?.expected ?? known}`
		);
	}
	return valid;
}

/** All instrumentations of a list of lists. */
export const flatten = (nested: Nested<Instrumentation> = []): Instrumentation[] =>
	([nested] as unknown[]).flat(Infinity) as Instrumentation[];

/** The app's span processors, none of which can do harm. */
export function guardProcessors(processors: readonly SpanProcessor[] = []): SdkSpanProcessor[] {
	return processors.map((processor, index) => {
		const method = <Name extends keyof SpanProcessor>(name: Name, fallback: () => unknown) =>
			guard(
				`spanProcessors[${index}].${name}`,
				(...args: unknown[]) => Reflect.apply(processor[name] as () => unknown, processor, args),
				fallback
			);
		const nothing = (): void => {};
		const resolved = async (): Promise<void> => {};
		return {
			onStart: method('onStart', nothing),
			...(processor.onEnding && { onEnding: method('onEnding', nothing) }),
			onEnd: method('onEnd', nothing),
			forceFlush: method('forceFlush', resolved),
			shutdown: method('shutdown', resolved)
		} as SdkSpanProcessor;
	});
}

/** The app's hooks on the SERVER span, neither of which can do harm. */
export function guardHooks({
	requestHook,
	responseHook
}: ServerInstrumentation): Pick<ServerInstrumentation, 'requestHook' | 'responseHook'> {
	const nothing = (): void => {};
	return {
		...(requestHook && { requestHook: guard('requestHook', requestHook, nothing) }),
		...(responseHook && { responseHook: guard('responseHook', responseHook, nothing) })
	};
}

/**
 * The sampler that is in force.
 *
 * @param sampler the app's
 * @param environment the one that the settings describe, which also decides wherever the app's has failed
 * @param env the process environment, which wins where it names a sampler
 */
export function chooseSampler(
	sampler: ServerInstrumentation['sampler'],
	environment: SdkSampler,
	env: NodeJS.ProcessEnv
): SdkSampler {
	if (!sampler) return environment;

	const isFunction = typeof sampler === 'function';
	const chosenBy = ['OTEL_TRACES_SAMPLER', 'OTEL_TRACES_SAMPLER_ARG'].find((name) => env[name]?.trim());
	if (!isFunction && chosenBy) {
		log(
			'info',
			`${chosenBy} is set, and wins over \`sampler\` of ${FILE}, which is left out. Make it a function, \`(environment) => sampler\`, to have both`
		);
		return environment;
	}

	const chosen = isFunction
		? guard(
				'sampler',
				(): Sampler => expectSampler(sampler(environment)),
				() => environment
			)()
		: sampler;
	if (chosen === environment) return environment;

	const shouldSample = guard(
		'sampler.shouldSample',
		(...args: Parameters<SdkSampler['shouldSample']>) => {
			const result = chosen.shouldSample(...args);
			if (typeof result?.decision !== 'number') throw new TypeError('it has returned no decision');
			return result;
		},
		(...args) => environment.shouldSample(...args)
	);
	return { shouldSample, toString: () => String(chosen) };
}

function expectSampler(sampler: Sampler): Sampler {
	if (!has(sampler, ['shouldSample'])) throw new TypeError('it has returned no sampler');
	return sampler;
}

function has(value: unknown, methods: string[]): boolean {
	return (
		typeof value === 'object' &&
		value !== null &&
		methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
	);
}
