import {
	type Span,
	type SpanOptions,
	type TextMapPropagator,
	type Tracer,
	type TracerProvider,
	context,
	createContextKey,
	trace
} from '@opentelemetry/api';
import { readRegistry, writeRegistry } from '../sdk/api-registry.ts';
import { KIT, ROOT } from '../sdk/kit-names.ts';
import { raiseRegistry } from '../sdk/raise-registry.ts';
import { keepUnwrapped } from '../instrumentation/keep-unwrapped.ts';

const CALLER = createContextKey('adapter-node-otel: the local span that an extracted one stands before');

/**
 * Makes the app work with an SDK that other code has set up: the app's `instrumentation.server` file, or a
 * preloaded module.
 */
export function adaptToForeignSdk(): void {
	hangKitBelow();
	keepUnwrapped(new URL('../', import.meta.url).href);
}

/**
 * Puts SvelteKit's spans into the trace of a foreign SDK. SvelteKit extracts the headers of every request
 * again, inside the SERVER span of the app's HTTP instrumentation. With a caller's `traceparent`, SvelteKit's
 * root span would then be a sibling of the SERVER span. Nothing else of the SDK changes.
 */
function hangKitBelow(): void {
	raiseRegistry();
	const registry = readRegistry();
	if (!registry?.trace) return;

	writeRegistry({
		...registry,
		trace: withKitTracer(registry.trace),
		...(registry.propagation && { propagation: rememberCaller(registry.propagation) })
	});
}

/** Remembers the local span that is active when a remote one is extracted. */
function rememberCaller(propagator: TextMapPropagator): TextMapPropagator {
	return {
		inject: (...args) => propagator.inject(...args),
		extract: (active, ...rest) => {
			const extracted = propagator.extract(active, ...rest);
			const local = trace.getSpan(active);
			const isCovered = local && !local.spanContext().isRemote && trace.getSpan(extracted) !== local;
			return isCovered ? extracted.setValue(CALLER, local) : extracted;
		},
		fields: () => propagator.fields()
	};
}

/** The registered provider, with another tracer for SvelteKit. It is the API's proxy, through which other code gets the SDK's provider. */
function withKitTracer(provider: TracerProvider): TracerProvider {
	return Object.create(provider, {
		getTracer: {
			value: (...args: Parameters<TracerProvider['getTracer']>): Tracer => {
				const tracer = provider.getTracer(...args);
				return args[0] === KIT ? belowCaller(tracer) : tracer;
			}
		}
	}) as TracerProvider;
}

/** SvelteKit's tracer. Its root span starts below the local span that was active at the call. */
function belowCaller(tracer: Tracer): Tracer {
	const startActiveSpan = (...args: unknown[]): unknown => {
		const active = context.active();
		const caller = trace.getSpanContext(active)?.isRemote && (active.getValue(CALLER) as Span | undefined);
		if (!caller || args[0] !== ROOT || args.length !== 3)
			return Reflect.apply(tracer.startActiveSpan, tracer, args) as unknown;

		const [name, options, fn] = args as [string, SpanOptions, (span: Span) => unknown];
		return tracer.startActiveSpan(name, options, trace.setSpan(active, caller), fn);
	};
	return {
		startSpan: (...args) => tracer.startSpan(...args),
		startActiveSpan: startActiveSpan as Tracer['startActiveSpan']
	};
}
