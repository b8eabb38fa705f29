import { type BaggageEntry, type Context, propagation } from '@opentelemetry/api';

/**
 * What every platform must pass on, and none has to pass on more of
 * (https://www.w3.org/TR/baggage/#limits).
 */
const MAX_MEMBERS = 64;
const MAX_BYTES = 8192;

/**
 * The context with as much of its baggage as the specification asks for: it came from a stranger, and goes
 * to every service that is called. (The SDK's own propagator takes up to 180 members. That `tracestate` has
 * 32 members and 512 characters at most, it sees to itself.)
 */
export function boundBaggage(context: Context): Context {
	const baggage = propagation.getBaggage(context);
	if (!baggage) return context;

	const entries = baggage.getAllEntries();
	const kept: Record<string, BaggageEntry> = {};
	let members = 0;
	let bytes = 0;
	for (const [key, entry] of entries) {
		bytes += sizeOf(key, entry);
		if (++members > MAX_MEMBERS || bytes > MAX_BYTES) {
			return propagation.setBaggage(context, propagation.createBaggage(kept));
		}
		kept[key] = entry;
	}
	return context;
}

/** As the header has it: percent-encoded, with `=` and a comma. */
function sizeOf(key: string, { value, metadata }: BaggageEntry): number {
	const properties = metadata ? metadata.toString().length + 1 : 0;
	return encodeURIComponent(key).length + encodeURIComponent(value).length + properties + 2;
}
