import { type Context, type ContextManager, SpanKind } from '@opentelemetry/api';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { ATTR_URL_FULL, ATTR_URL_QUERY } from '@opentelemetry/semantic-conventions';
import { ATTR_HTTP_TARGET, ATTR_HTTP_URL } from '@opentelemetry/semantic-conventions/incubating';
import { type QueryRedactor, redactUrl } from '../http/query.ts';
import { requestOf } from '../http/request-context.ts';
import { stabilizeAttributes } from './kit-attributes.ts';
import { KIT } from './names.ts';
import type { RemoteFunctions } from './remote-functions.ts';
import { nameRemoteCall } from './remote-spans.ts';

/** The end of the attribute that SvelteKit gives a span which a redirect has ended. */
const LOCATION = '.result.location';

/** Where instrumentations note the URL of a request that they see leave, older ones among them. */
const URLS = [ATTR_URL_FULL, ATTR_HTTP_URL, ATTR_HTTP_TARGET];

/** How the SDK's spans keep time. Its own affair: without these fields times are what they would be without us. */
interface SdkClock {
	_startTimeProvided?: boolean;
	_performanceStartTime?: number;
}

/** Makes the spans of a request fit to be read together. Must stand before what exports them. */
export class KitSpanProcessor implements SpanProcessor {
	readonly #contextManager: ContextManager;
	readonly #redact: QueryRedactor;
	readonly #remotes: RemoteFunctions;

	constructor(contextManager: ContextManager, redact: QueryRedactor, remotes: RemoteFunctions) {
		this.#contextManager = contextManager;
		this.#redact = redact;
		this.#remotes = remotes;
	}

	/**
	 * The SDK starts spans at whole milliseconds, which can show a child before its parent. One clock for all
	 * of a request puts them in order.
	 */
	onStart(span: Span & SdkClock, context: Context): void {
		const { _startTimeProvided, _performanceStartTime } = span;
		if (_startTimeProvided !== false || _performanceStartTime === undefined) return;
		const start = requestOf(context)?.timeOf(_performanceStartTime);
		// what the SDK adds the duration to
		if (start) [span.startTime[0], span.startTime[1]] = start;
	}

	onEnding(span: Span): void {
		if (span.instrumentationScope.name === KIT) {
			stabilizeAttributes(span.attributes);
			nameRemoteCall(span, this.#remotes);
			this.#redactLocation(span);
		} else if (span.kind === SpanKind.CLIENT) this.#redactRequest(span);
		// spans end where they are active, all but the SERVER span, which sees to it itself
		if (span.events.length > 0 && span.kind !== SpanKind.SERVER) {
			requestOf(this.#contextManager.active())?.exceptions.keepOnce(span);
		}
	}

	onEnd(): void {}

	async forceFlush(): Promise<void> {}

	async shutdown(): Promise<void> {}

	/** SvelteKit notes where a redirect goes to, with its query. */
	#redactLocation({ attributes }: Span): void {
		for (const key in attributes) {
			if (key.endsWith(LOCATION)) attributes[key] = redactUrl(String(attributes[key]), this.#redact);
		}
	}

	/** Of an outgoing request everybody notes the whole URL, and what of it is secret only the app knows. */
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
