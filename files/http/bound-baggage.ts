import { type BaggageEntry, type Context, propagation } from '@opentelemetry/api';

/**
 * The limits up to which every platform must propagate baggage. More is optional
 * (https://www.w3.org/TR/baggage/#limits).
 */
const MAX_MEMBERS = 64;
const MAX_BYTES = 8192;

/**
 * Limits the baggage of a context to what the specification requires: it came from an untrusted caller, and is
 * sent to every service that the app calls. (The SDK's own propagator accepts up to 180 members. It limits
 * `tracestate` to 32 members and 512 characters itself.)
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

/** The size in the header: percent-encoded, with `=` and a comma. */
function sizeOf(key: string, { value, metadata }: BaggageEntry): number {
	const properties = metadata ? metadata.toString().length + 1 : 0;
	return encodeURIComponent(key).length + encodeURIComponent(value).length + properties + 2;
}
