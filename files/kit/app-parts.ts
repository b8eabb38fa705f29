import type { Sampler as SdkSampler, SpanProcessor as SdkSpanProcessor } from '@opentelemetry/sdk-trace';
import { guard } from '../diagnostics/guard.ts';
import { INSTRUMENTATION_FILE } from '../diagnostics/instrumentation-file.ts';
import { log } from '../diagnostics/log.ts';
import type { Sampler, ServerInstrumentation, SpanProcessor } from '../types/server-instrumentation.d.ts';

/** The app's span processors, wrapped so that they cannot throw. */
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

/** The app's hooks for the SERVER span, wrapped so that they cannot throw. */
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
 * Chooses the sampler to use.
 *
 * @param sampler the app's sampler
 * @param environment the sampler of the settings, also used when the app's sampler throws
 * @param env the variables in force, which take precedence if they set a sampler
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
			`${chosenBy} overrides \`sampler\` of ${INSTRUMENTATION_FILE}, which is not used. Make it a function, \`(environment) => sampler\`, to use both`
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
	if (typeof (sampler as Partial<Sampler> | undefined)?.shouldSample !== 'function')
		throw new TypeError('it has returned no sampler');
	return sampler;
}
