import {
	type Context,
	type Span,
	type SpanOptions,
	TraceFlags,
	type Tracer,
	type TracerProvider,
	createContextKey,
	trace
} from '@opentelemetry/api';
import { callerOf } from './kit-propagator.ts';
import { stableAttributes } from './kit-attributes.ts';
import { NO_SPAN, requestOf } from '../http/request-context.ts';
import type { Tracing } from '../http/tracing.ts';
import { IS_SUB_REQUEST, KIT, RESOLVE, ROOT } from '../sdk/kit-names.ts';
import type { KitSpanOptions } from '../sdk/kit-spans.ts';

/** Marks the context of a request that the app makes to itself. */
const SUB_REQUEST = createContextKey('adapter-node-otel: a request that the app makes to itself');

/**
 * SvelteKit's tracer. It returns the SERVER span of the request as the root span, and starts all other spans
 * below it. If the SERVER span is not recorded, it returns that one for them, too: a span that is not
 * exported need not be created.
 */
export class KitTracer implements Tracer {
	readonly #tracing: Tracing;

	constructor(tracing: Tracing) {
		this.#tracing = tracing;
	}

	/** Called when SvelteKit gets the tracer, or our function that makes its spans. */
	markUsed(): this {
		this.#tracing.tracerCheck.markUsed();
		return this;
	}

	startSpan(name: string, options: SpanOptions = {}, context = this.#tracing.contextManager.active()): Span {
		return this.#tracing.spans.start(name, options, context);
	}

	/** SvelteKit calls this with a name, options and a function. */
	startActiveSpan<F extends (span: Span) => ReturnType<F>>(
		name: string,
		...args: [...([] | [options: SpanOptions] | [options: SpanOptions, context: Context]), fn: F]
	): ReturnType<F> {
		const fn = args.at(-1) as F;
		const given = args.length > 1 ? (args[0] as SpanOptions) : {};
		// the span gets its own attributes: the caller may use the object again
		const options = given.attributes ? { ...given, attributes: { ...given.attributes } } : given;
		const context = args.length > 2 ? (args[1] as Context) : this.#tracing.contextManager.active();
		const inner = this.enter(name, options, context);
		const span = this.spanIn(name, options, inner);
		if (inner === context) return fn(span);
		return this.#tracing.contextManager.with(inner, fn as (span: Span) => ReturnType<F>, undefined, span);
	}

	/**
	 * Starts a span, unless it would not be recorded.
	 *
	 * @param name SvelteKit's name for the span
	 * @param options SvelteKit's options for the span, which gets these attributes as its own
	 * @param active the context of its parent
	 * @returns the context to continue in; `active` itself if nothing is recorded
	 */
	enter(name: string, options: SpanOptions, active: Context): Context {
		const { attributes = {} } = options;
		let context = active;
		if (name === ROOT) {
			const request = requestOf(context);
			if (attributes[IS_SUB_REQUEST]) {
				context = (callerOf(context) ?? context).setValue(SUB_REQUEST, true);
			} else if (request?.isInKit) {
				return request.startRoot(attributes, context);
			} else if (request?.awaitsKit) {
				// our `files/wrappers/respond.ts` is not in the server
				return request.startRoot(attributes, request.enterKit(context));
			}
		}

		const parent = trace.getSpan(context);
		if (parent && isDropped(parent)) return context;
		const { spans, nameOf } = this.#tracing;
		const isOwn = name === RESOLVE && !context.getValue(SUB_REQUEST);
		const route = isOwn ? requestOf(context)?.route : undefined;
		const known = route ? route.correct(attributes) : attributes;
		const named: KitSpanOptions = { ...options, attributes: () => stableAttributes(known) };
		return trace.setSpan(context, spans.start(nameOf(name, attributes), named, context));
	}

	/**
	 * The active span, if no span below it is recorded. SvelteKit's root span is not handled here.
	 *
	 * @param name SvelteKit's name for the span to start
	 * @param active the context of its parent
	 */
	unrecordedParent(name: string, active: Context): Span | undefined {
		const parent = name === ROOT ? undefined : trace.getSpan(active);
		return parent && isDropped(parent) ? parent : undefined;
	}

	/**
	 * The span that `enter` started. For an incoming request it is the SERVER span, which is not the active span if
	 * a custom server has started a span around the app.
	 *
	 * @param inner the context that `enter` returned
	 */
	spanIn(name: string, { attributes }: SpanOptions, inner: Context): Span {
		const request = name === ROOT && !attributes?.[IS_SUB_REQUEST] ? requestOf(inner) : undefined;
		return request?.isInKit ? request.span : trace.getSpan(inner)!;
	}

	/**
	 * Called when SvelteKit reaches a request. For an incoming request, the context of the request is made active.
	 * For a request that the app makes to itself, the caller's context is already active.
	 */
	respond = <Args extends unknown[], Result>(respond: (...args: Args) => Result, ...args: Args): Result => {
		const { contextManager } = this.#tracing;
		const active = contextManager.active();
		const request = requestOf(active);
		if (!request || request.isInKit) return respond(...args);
		const context = request.enterKit(active);
		return context === active ? respond(...args) : contextManager.with(context, respond, undefined, ...args);
	};
}

/** Whether a local span is not recorded, so that its children are not recorded either. */
function isDropped(span: Span): boolean {
	if (span === NO_SPAN) return true;
	const { traceFlags, isRemote } = span.spanContext();
	return !isRemote && (traceFlags & TraceFlags.SAMPLED) === 0 && !span.isRecording();
}

/**
 * The registered provider: the SDK's with all its methods, for code that calls `forceFlush` itself. SvelteKit
 * gets the tracer above, and `shutdown` ends all telemetry.
 *
 * @param provider the SDK's
 * @param kitTracer SvelteKit's
 * @param shutdown ends telemetry
 */
export function createKitTracerProvider<Provider extends TracerProvider>(
	provider: Provider,
	kitTracer: Pick<KitTracer, 'markUsed'>,
	shutdown: () => Promise<void>
): Provider {
	const getTracer: TracerProvider['getTracer'] = (name, version, options) =>
		name === KIT ? kitTracer.markUsed() : provider.getTracer(name, version, options);
	return Object.create(provider, {
		getTracer: { value: getTracer },
		shutdown: { value: shutdown }
	}) as Provider;
}
