import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
	AlwaysOnSampler,
	InMemorySpanExporter,
	type Sampler,
	SimpleSpanProcessor
} from '@opentelemetry/sdk-trace';
import { TracerCheck } from '../../../files/diagnostics/tracer-check.ts';
import { createProxy } from '../../../files/http/proxy.ts';
import { Lingering } from '../../../files/http/lingering.ts';
import { createQueryRedactor } from '../../../files/http/query.ts';
import { RemoteFunctions } from '../../../files/http/remote-functions.ts';
import { requestOf } from '../../../files/http/request-context.ts';
import type { Tracing } from '../../../files/http/tracing.ts';
import { createSpanNames } from '../../../files/kit/span-names.ts';
import { KIT } from '../../../files/sdk/kit-names.ts';
import { KitSpans } from '../../../files/sdk/kit-spans.ts';
import { RandomIds } from '../../../files/sdk/random-ids.ts';

/**
 * What the tracing of requests shares, with the real parts and the defaults, and the spans that it exports.
 *
 * @param overrides settings other than the defaults
 * @param sampler of all spans
 */
export function createTracing(
	overrides: Partial<Tracing> = {},
	sampler: Sampler = new AlwaysOnSampler()
): { tracing: Tracing; exporter: InMemorySpanExporter } {
	const exporter = new InMemorySpanExporter();
	const tracing: Tracing = {
		contextManager: new AsyncLocalStorageContextManager().enable(),
		propagator: new CompositePropagator({ propagators: [] }),
		spans: new KitSpans(
			{
				resource: emptyResource(),
				scope: { name: KIT },
				limits: {},
				processor: new SimpleSpanProcessor({ exporter })
			},
			{ sampler, isInherited: false, readsAttributes: false },
			new RandomIds(),
			requestOf
		),
		nameOf: createSpanNames('src/routes'),
		remotes: new RemoteFunctions('', '_app'),
		proxy: createProxy({}, ''),
		redactQuery: createQueryRedactor([]),
		ignores: () => false,
		makesSpans: true,
		measureFiles: false,
		publicEndpoint: false,
		serverTiming: false,
		tracerCheck: new TracerCheck('traces are missing'),
		ownsErrors: true,
		open: new Set(),
		lingering: new Lingering(),
		...overrides
	};
	return { tracing, exporter };
}
