import { type Context, TraceFlags, trace } from '@opentelemetry/api';
import { type Severity, callersOf, severityOf, toRecord } from '../logs/console-record.ts';
import { observeConsole } from '../logs/observe-console.ts';
import type { Line } from './trace-store.ts';

/** Vite's own code. SvelteKit 3 prints a line for each request through Vite's logger. */
const VITE = /[\\/]node_modules[\\/]vite[\\/]dist[\\/]/;

/** The maximum length of a line, in characters. */
const MAX_LINE = 8 * 1024;

/**
 * Observes the lines that the app prints through the console in requests. What is printed stays the same.
 *
 * @param active returns the active context
 * @param onLine called for each line of a request that is recorded
 * @returns ends it
 */
export function observeRequests(
	active: () => Context,
	onLine: (traceId: string, line: Line) => void
): () => void {
	const { stop } = observeConsole((method, args, wrapper) => {
		const span = trace.getSpanContext(active());
		if (!span || (span.traceFlags & TraceFlags.SAMPLED) === 0 || VITE.test(callersOf(wrapper, 1))) return;
		const { severityText }: Severity = severityOf(method, args, wrapper);
		onLine(span.traceId, {
			span: span.spanId,
			at: Date.now(),
			severity: severityText,
			text: textOf(args)
		});
	});
	return stop;
}

/** An argument can have code of its own, which may throw: the console has already printed it. */
function textOf(args: unknown[]): string {
	try {
		return String(toRecord(args, MAX_LINE).body);
	} catch {
		return '';
	}
}
