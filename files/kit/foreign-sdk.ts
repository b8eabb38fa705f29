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
import { raiseRegistry } from '../sdk/own-api.ts';
import { keepUnwrapped } from '../instrumentation/keep-unwrapped.ts';
import { KIT, ROOT } from './names.ts';

const CALLER = createContextKey('adapter-node-otel: the local span that an extracted one stands before');

/**
 * Makes the app get on with an SDK that somebody else has set up: its own `instrumentation.server` file, or a
 * module that was preloaded.
 */
export function getOnWithForeignSdk(): void {
	hangKitBelow();
	keepUnwrapped(new URL('../', import.meta.url).href);
}

/**
 * Makes SvelteKit's spans fit into the trace of a foreign SDK. SvelteKit extracts
 * the headers of every request once more, inside the SERVER span of the app's HTTP instrumentation, so that
 * a caller's `traceparent` would make its root span a sibling of that one. Nothing else of the SDK changes.
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

/** Notes the local span that is active where a remote one is extracted. */
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

/** The registered provider, but for SvelteKit. It is the API's own, through which others look for the SDK's. */
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

/** SvelteKit's tracer, whose root span starts below the local span that it was called in. */
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
