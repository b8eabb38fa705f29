import { compareText } from '../otlp/order.ts';
import type { Attributes, ReceivedSpan } from '../otlp/span.ts';

/** A span as it is compared: without what differs from run to run. */
export interface Compared {
	/** The names of the spans above it, up to the request of the test. */
	below: string;
	label: string;
	scope: string;
	status: string;
	attributes: Attributes;
	events: string[];
}

/** Spans of requests to servers, which upstream makes by its instrumentation of `http`, and we by the preload. */
const isOfServer = ({ kind, scope }: ReceivedSpan): boolean =>
	kind === 'SERVER' && !/grpc|fastify|hapi|koa|restify|connect|router/.test(scope.name);

/** Upstream traces no HTTP/2 server, which gRPC is on top of. */
const isOfHttp2 = (span: ReceivedSpan): boolean =>
	isOfServer(span) && span.attributes['network.protocol.version'] === '2';

const isOfLibrary = (span: ReceivedSpan): boolean =>
	(isOfServer(span) && !isOfHttp2(span)) || /instrumentation/.test(span.scope.name);

/** The spans of libraries in a trace, in an order that does not depend on their times. */
export function compare(all: readonly ReceivedSpan[], traceId: string): Compared[] {
	const spans = all.filter((span) => span.traceId === traceId);
	const ofLibraries = spans.filter(isOfLibrary);
	const byId = new Map(spans.map((span) => [span.spanId, span]));

	const parentOf = ({ parentSpanId = '' }: ReceivedSpan): ReceivedSpan | undefined => {
		const parent = byId.get(parentSpanId);
		return !parent || ofLibraries.includes(parent) ? parent : parentOf(parent);
	};
	const pathTo = (span: ReceivedSpan | undefined): string => {
		const parent = span && parentOf(span);
		return parent ? `${pathTo(parent)} > ${nameOf(span)}` : 'request';
	};
	return ofLibraries
		.filter((span) => parentOf(span))
		.map((span) => ({
			below: pathTo(parentOf(span)),
			label: `${span.kind} ${nameOf(span)}`,
			scope: isOfServer(span) ? 'server' : span.scope.name,
			status: `${span.status.code} ${withoutNumbers(span.status.message ?? '')}`,
			attributes: isOfServer(span) ? {} : normalise(span.attributes),
			events: span.events.map(({ name }) => name)
		}))
		.sort((a, b) => compareText(JSON.stringify(a), JSON.stringify(b)));
}

const nameOf = (span: ReceivedSpan): string => withoutNumbers(span.name);

/** What the conventions do not require, and upstream's instrumentation of undici sets nevertheless. */
function isOmitted(name: string, attributes: Attributes): boolean {
	if (name === 'http.request.method_original') return attributes[name] === attributes['http.request.method'];
	return name === 'url.query' && (attributes[name] === '' || attributes[name] === '?');
}

function normalise(attributes: Attributes): Attributes {
	return Object.fromEntries(
		Object.entries(attributes)
			.filter(([name]) => !isOmitted(name, attributes))
			.map(([name, value]): [string, Attributes[string]] => {
				if (/\bport$|duration|size|_length|offset/.test(name)) return [name, typeof value];
				if (name === 'user_agent.original') return [name, String(value).replace(/\d+/g, '0')];
				if (name === 'url.query') return [name, String(value).replace(/^\?/, '')];
				return [name, typeof value === 'string' ? withoutNumbers(value) : value];
			})
			.sort(([a], [b]) => compareText(a, b))
	);
}

/** Ports and ids differ from process to process. */
export const withoutNumbers = (text: string): string =>
	text
		.replace(/(127\.0\.0\.1|localhost|\[::1\]):\d+/g, '$1:PORT')
		.replace(
			/[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|\b[\da-f]{32}\b|\b[\da-f]{24}\b|\b[\da-f]{16}\b/g,
			'ID'
		);
