import {
	type Attributes,
	type Context,
	type Span,
	type SpanOptions,
	TraceFlags,
	type Tracer,
	type TracerProvider,
	trace
} from '@opentelemetry/api';
import { ATTR_HTTP_REQUEST_METHOD, ATTR_URL_PATH } from '@opentelemetry/semantic-conventions';
import { callerOf } from './kit-propagator.ts';
import { IGNORED, ServerRequest } from './server-request.ts';
import { KIT, ROOT, type Tracing } from './tracing.ts';

/** What tells the two apart. */
const IS_SUB_REQUEST = 'sveltekit.is_sub_request';

/**
 * SvelteKit's tracer. It answers the root span with the SERVER span of the request, and all the others
 * below it; when the SERVER span is not sampled, with that one again, for a span that nobody will see
 * need not be made.
 */
export class KitTracer implements Tracer {
	readonly #tracer: Tracer;
	readonly #tracing: Tracing;

	constructor(tracing: Tracing) {
		this.#tracer = tracing.tracer;
		this.#tracing = tracing;
	}

	startSpan(name: string, options?: SpanOptions, context?: Context): Span {
		return this.#tracer.startSpan(name, options, context);
	}

	startActiveSpan<F extends (span: Span) => ReturnType<F>>(
		...args: [name: string, ...unknown[], fn: F]
	): ReturnType<F> {
		// as SvelteKit calls it: name, options, function
		if (args.length !== 3)
			return Reflect.apply(this.#tracer.startActiveSpan, this.#tracer, args) as ReturnType<F>;
		let [name, options, fn] = args as unknown as [string, SpanOptions, F];

		const { contextManager } = this.#tracing;
		let context = contextManager.active();

		if (name === ROOT) {
			const request = ServerRequest.of(context);
			if (options.attributes?.[IS_SUB_REQUEST]) {
				context = callerOf(context) ?? context;
				options = { attributes: subRequestAttributes(options.attributes) };
			} else if (request?.met) {
				return this.#run(request.serve(options.attributes), fn);
			}
		}

		const parent = trace.getSpan(context);
		if (parent && isDropped(parent)) return fn(parent);
		return this.#run(trace.setSpan(context, this.#tracer.startSpan(name, options, context)), fn);
	}

	#run<F extends (span: Span) => ReturnType<F>>(context: Context, fn: F): ReturnType<F> {
		return this.#tracing.contextManager.with(
			context,
			fn as (span: Span) => ReturnType<F>,
			undefined,
			trace.getSpan(context)!
		);
	}
}

/** Whether a local span goes nowhere, and so all that would hang below it. */
function isDropped(span: Span): boolean {
	if (span === IGNORED) return true;
	const { traceFlags, isRemote } = span.spanContext();
	return !isRemote && (traceFlags & TraceFlags.SAMPLED) === 0 && !span.isRecording();
}

/** Of a request that the app makes to itself: stable names, and no URL with its query. */
function subRequestAttributes({ 'http.url': url, 'http.method': method, ...rest }: Attributes): Attributes {
	return {
		...rest,
		...(method !== undefined && { [ATTR_HTTP_REQUEST_METHOD]: method }),
		...(typeof url === 'string' && URL.canParse(url) && { [ATTR_URL_PATH]: new URL(url).pathname })
	};
}

/** The registered provider: the SDK's, but SvelteKit gets its own tracer. */
export class KitTracerProvider implements TracerProvider {
	readonly #provider: TracerProvider;
	readonly #kitTracer: Tracer;

	constructor(provider: TracerProvider, kitTracer: Tracer) {
		this.#provider = provider;
		this.#kitTracer = kitTracer;
	}

	getTracer: TracerProvider['getTracer'] = (name, version, options) =>
		name === KIT ? this.#kitTracer : this.#provider.getTracer(name, version, options);
}
