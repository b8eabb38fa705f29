import {
	type TextMapPropagator,
	type Tracer,
	type TracerProvider,
	ProxyTracerProvider
} from '@opentelemetry/api';

/** Makes tracers that make no spans. */
const NOTHING = new ProxyTracerProvider();

/** A provider whose tracers lead to another one, which may change: whoever has got a tracer keeps it for good. */
export class CurrentProvider implements TracerProvider {
	/** Where they lead to; undefined for nowhere. */
	current: TracerProvider | undefined;

	getTracer(...args: Parameters<TracerProvider['getTracer']>): Tracer {
		const tracer = (): Tracer => (this.current ?? NOTHING).getTracer(...args);
		return {
			startSpan: (...call) => tracer().startSpan(...call),
			startActiveSpan: (...call: unknown[]) =>
				Reflect.apply(tracer().startActiveSpan, tracer(), call) as never
		};
	}
}

/** The same for propagators. */
export class CurrentPropagator implements TextMapPropagator {
	/** Which one it is; undefined for one that does nothing. */
	current: TextMapPropagator | undefined;

	inject: TextMapPropagator['inject'] = (...args) => this.current?.inject(...args);

	extract: TextMapPropagator['extract'] = (context, ...rest) =>
		this.current?.extract(context, ...rest) ?? context;

	fields(): string[] {
		return this.current?.fields() ?? [];
	}
}
