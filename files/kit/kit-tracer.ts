import {
	type Context,
	type Span,
	type SpanOptions,
	TraceFlags,
	type Tracer,
	type TracerProvider,
	trace
} from '@opentelemetry/api';
import { callerOf } from './kit-propagator.ts';
import { stableAttributes } from './kit-attributes.ts';
import type { KitSpanOptions } from './kit-spans.ts';
import { requestOf } from '../http/request-context.ts';
import { IGNORED } from '../http/server-request.ts';
import { KIT, ROOT } from './names.ts';
import type { Tracing } from './tracing.ts';

/** What tells the two apart. */
const IS_SUB_REQUEST = 'sveltekit.is_sub_request';

/**
 * SvelteKit's tracer. It answers the root span with the SERVER span of the request, and all the others
 * below it; when the SERVER span is not sampled, with that one again, for a span that nobody will see
 * need not be made.
 */
export class KitTracer implements Tracer {
	readonly #tracing: Tracing;

	constructor(tracing: Tracing) {
		this.#tracing = tracing;
	}

	/** SvelteKit has asked for it. */
	asked(): this {
		this.#tracing.silence.heard();
		return this;
	}

	startSpan(name: string, options: SpanOptions = {}, context = this.#tracing.contextManager.active()): Span {
		return this.#tracing.spans.start(name, options, context);
	}

	/** SvelteKit calls it with a name, options and a function. */
	startActiveSpan<F extends (span: Span) => ReturnType<F>>(
		name: string,
		...args: [...([] | [options: SpanOptions] | [options: SpanOptions, context: Context]), fn: F]
	): ReturnType<F> {
		const fn = args.at(-1) as F;
		const options = args.length > 1 ? (args[0] as SpanOptions) : {};
		const context = args.length > 2 ? (args[1] as Context) : this.#tracing.contextManager.active();
		const inner = this.enter(name, options, context);
		const span = this.entered(name, options, inner);
		if (inner === context) return fn(span);
		return this.#tracing.contextManager.with(inner, fn as (span: Span) => ReturnType<F>, undefined, span);
	}

	/**
	 * Starts a span where one is to be seen.
	 *
	 * @param name what SvelteKit calls it
	 * @param options what SvelteKit says of it
	 * @param active the context of its parent
	 * @returns the context to go on in, the same one where there is nothing to be seen
	 */
	enter(name: string, options: SpanOptions, active: Context): Context {
		const { attributes = {} } = options;
		let context = active;
		if (name === ROOT) {
			const request = requestOf(context);
			if (attributes[IS_SUB_REQUEST]) {
				context = callerOf(context) ?? context;
			} else if (request?.isMet) {
				return request.serve(attributes, context);
			}
		}

		const parent = trace.getSpan(context);
		if (parent && isDropped(parent)) return context;
		const { spans, nameOf } = this.#tracing;
		const named: KitSpanOptions = { ...options, attributes: () => stableAttributes(attributes) };
		return trace.setSpan(context, spans.start(nameOf(name, attributes), named, context));
	}

	/**
	 * The span that is started by it. The one of an incoming request is its SERVER span, which is not the active
	 * one where a server of one's own has a span around the app.
	 *
	 * @param inner what `enter` has returned
	 */
	entered(name: string, { attributes }: SpanOptions, inner: Context): Span {
		const request = name === ROOT && !attributes?.[IS_SUB_REQUEST] ? requestOf(inner) : undefined;
		return request?.isMet ? request.span : trace.getSpan(inner)!;
	}

	/**
	 * SvelteKit is asked for a request. Of an incoming one it looks for the caller before all else; one that
	 * the app makes to itself has its caller around it.
	 */
	reach = <Args extends unknown[], Result>(respond: (...args: Args) => Result, ...args: Args): Result => {
		const { contextManager, silence } = this.#tracing;
		silence.heard();
		const active = contextManager.active();
		const request = requestOf(active);
		if (!request || request.isMet) return respond(...args);
		return contextManager.with(request.meet(active), respond, undefined, ...args);
	};
}

/** Whether a local span goes nowhere, and so all that would hang below it. */
function isDropped(span: Span): boolean {
	if (span === IGNORED) return true;
	const { traceFlags, isRemote } = span.spanContext();
	return !isRemote && (traceFlags & TraceFlags.SAMPLED) === 0 && !span.isRecording();
}

/**
 * The registered provider: the SDK's with all its methods, for code that flushes by hand, but SvelteKit gets its
 * own tracer, and to shut it down ends all of telemetry.
 *
 * @param provider the SDK's
 * @param kitTracer SvelteKit's
 * @param shutdown ends telemetry
 */
export function createKitTracerProvider<Provider extends TracerProvider>(
	provider: Provider,
	kitTracer: Pick<KitTracer, 'asked'>,
	shutdown: () => Promise<void>
): Provider {
	const getTracer: TracerProvider['getTracer'] = (name, version, options) =>
		name === KIT ? kitTracer.asked() : provider.getTracer(name, version, options);
	return Object.create(provider, {
		getTracer: { value: getTracer },
		shutdown: { value: shutdown }
	}) as Provider;
}
