import { type Context, type ContextManager, SpanKind } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '@opentelemetry/semantic-conventions';
import { ATTR_HTTP_TARGET, ATTR_HTTP_URL } from '@opentelemetry/semantic-conventions/incubating';
import { OpenSpans } from '../http/open-spans.ts';
import { type QueryRedactor, redactUrl } from '../http/query.ts';
import type { RemoteFunctions } from '../http/remote-functions.ts';
import { requestOf } from '../http/request-context.ts';
import { KIT } from '../sdk/kit-names.ts';
import { KitSpan } from '../sdk/kit-span.ts';
import { stabilizeAttributes } from './kit-attributes.ts';
import { nameRemoteCall } from './remote-spans.ts';

/** The suffix of the attribute that SvelteKit sets on a span that a redirect has ended. */
const LOCATION = '.result.location';

/** The attributes in which instrumentations, old ones too, set the URL of an outgoing request. */
const URLS = [ATTR_URL_FULL, ATTR_HTTP_URL, ATTR_HTTP_TARGET];

/** Private fields of the SDK's spans for their clock. If they are missing, the SDK's own times are used. */
interface SdkClock {
	_startTimeProvided?: boolean;
	_performanceStartTime?: number;
}

/** Puts the spans of a request on one clock and redacts them. Must run before the processors that export. */
export class KitSpanProcessor implements SpanProcessor {
	readonly #contextManager: ContextManager;
	readonly #redact: QueryRedactor;
	readonly #remotes: RemoteFunctions;
	/** The spans that belong to no request. */
	readonly #loose = new OpenSpans();

	constructor(contextManager: ContextManager, redact: QueryRedactor, remotes: RemoteFunctions) {
		this.#contextManager = contextManager;
		this.#redact = redact;
		this.#remotes = remotes;
	}

	/**
	 * The SDK starts spans at whole milliseconds, so a child can appear to start before its parent. One clock for
	 * all spans of a request keeps them in order.
	 */
	onStart(span: Span & SdkClock, context: Context): void {
		const request = requestOf(context);
		if (request) request.noteSpan(span);
		else this.#loose.add(span);
		const { _startTimeProvided, _performanceStartTime } = span;
		if (_startTimeProvided !== false || _performanceStartTime === undefined) return;
		const start = request?.timeOf(_performanceStartTime);
		// the SDK adds the duration to this time
		if (start) [span.startTime[0], span.startTime[1]] = start;
	}

	onEnding(span: Span): void {
		if (span.instrumentationScope.name === KIT) {
			nameRemoteCall(span, this.#remotes);
			// what is changed here is nothing that SvelteKit starts a span with
			if (!(span instanceof KitSpan) || span.hasOtherAttributes) {
				stabilizeAttributes(span.attributes);
				this.#redactLocation(span);
			}
		} else if (span.kind === SpanKind.CLIENT) this.#redactRequest(span);
		// spans end in a context where they are active, except the SERVER span, which does this itself
		if (span.events.length > 0 && span.kind !== SpanKind.SERVER) {
			requestOf(this.#contextManager.active())?.exceptions.keepOnce(span);
		}
	}

	onEnd(): void {}

	/** Ends the spans that belong to no request, because the process exits. */
	abandon(): void {
		this.#loose.endAll();
	}

	async forceFlush(): Promise<void> {}

	async shutdown(): Promise<void> {}

	/** Redacts the location of a redirect, which SvelteKit records with its query. */
	#redactLocation({ attributes }: Span): void {
		for (const key in attributes) {
			if (key.endsWith(LOCATION)) attributes[key] = redactUrl(String(attributes[key]), this.#redact);
		}
	}

	/** Redacts the URL of an outgoing request. Instrumentations record all of it, and it may contain secrets. */
	#redactRequest({ attributes }: Span): void {
		for (const key of URLS) {
			const url = attributes[key];
			if (typeof url === 'string') attributes[key] = redactUrl(url, this.#redact);
		}
		const query = attributes[ATTR_URL_QUERY];
		if (typeof query !== 'string') return;
		attributes[ATTR_URL_QUERY] = query.startsWith('?') ? redactUrl(query, this.#redact) : this.#redact(query);
	}
}
