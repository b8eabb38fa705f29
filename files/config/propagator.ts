import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { SdkSettings } from './settings.ts';

/**
 * Creates the propagators with these names, in this order. Less common ones are loaded only if they are named.
 * Mirrors `createPropagatorFromEnv` of `@opentelemetry/sdk-node`, and supports two more.
 */
export async function createPropagator(names: SdkSettings['propagators']): Promise<TextMapPropagator> {
	return new CompositePropagator({ propagators: await Promise.all(names.map(create)) });
}

async function create(name: SdkSettings['propagators'][number]): Promise<TextMapPropagator> {
	switch (name) {
		case 'tracecontext':
			return new W3CTraceContextPropagator();
		case 'baggage':
			return new W3CBaggagePropagator();
		case 'b3':
		case 'b3multi': {
			const { B3InjectEncoding, B3Propagator } = await import('@opentelemetry/propagator-b3');
			return new B3Propagator(name === 'b3multi' ? { injectEncoding: B3InjectEncoding.MULTI_HEADER } : {});
		}
		case 'jaeger': {
			const { JaegerPropagator } = await import('@opentelemetry/propagator-jaeger');
			return new JaegerPropagator();
		}
		case 'xray': {
			const { AWSXRayPropagator } = await import('@opentelemetry/propagator-aws-xray');
			return new AWSXRayPropagator();
		}
	}
}
