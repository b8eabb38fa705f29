import { propagation, trace } from '@opentelemetry/api';
import { json } from '@sveltejs/kit';

/** What the app sees of its caller's context. */
export function GET() {
	const baggage = propagation.getActiveBaggage()?.getAllEntries() ?? [];
	const { traceId, traceState } = trace.getActiveSpan()?.spanContext() ?? {};
	return json({
		baggage: Object.fromEntries(baggage.map(([key, { value }]) => [key, value])),
		traceId,
		traceState: traceState?.serialize()
	});
}
