import {
	type Logger,
	type LoggerProvider,
	type TextMapPropagator,
	type Tracer,
	type TracerProvider,
	ProxyTracerProvider,
	createNoopLogger
} from '@opentelemetry/api';

/** Makes no-op tracers. */
const NOTHING = new ProxyTracerProvider();

/**
 * A tracer provider that delegates to another one, which can change: code that has got a tracer keeps it
 * forever.
 */
export class CurrentProvider implements TracerProvider {
	/** The provider to delegate to; undefined for none. */
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
	/** The propagator to delegate to; undefined for a no-op. */
	current: TextMapPropagator | undefined;

	inject: TextMapPropagator['inject'] = (...args) => this.current?.inject(...args);

	extract: TextMapPropagator['extract'] = (context, ...rest) =>
		this.current?.extract(context, ...rest) ?? context;

	fields(): string[] {
		return this.current?.fields() ?? [];
	}
}

/** The same for loggers. */
export class CurrentLoggerProvider implements LoggerProvider {
	/** The provider to delegate to; undefined for none. */
	current: LoggerProvider | undefined;

	getLogger(...args: Parameters<LoggerProvider['getLogger']>): Logger {
		const logger = (): Logger => this.current?.getLogger(...args) ?? createNoopLogger();
		return {
			emit: (record) => logger().emit(record),
			enabled: (options) => logger().enabled(options)
		};
	}
}
