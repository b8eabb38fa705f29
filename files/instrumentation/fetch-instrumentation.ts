import { UndiciInstrumentation, type UndiciRequest } from '@opentelemetry/instrumentation-undici';
import type { Socket } from 'node:net';
import { isInformational } from './fetch-target.ts';

/** undici's message for a request. Upstream declares no types for it. */
interface RequestMessage {
	request: UndiciRequest & { upgrade?: unknown };
}

/** undici's message for an open WebSocket. It has the connection, not the request. */
interface Opened {
	address?: { port?: number };
	handshakeResponse?: { status?: number };
}

/** Upstream's methods, which are private to its types. */
interface Upstream {
	enable(): void;
	subscribeToChannel(channel: string, listener: (message: unknown) => void): void;
	onRequestHeaders(message: RequestMessage & { socket: Socket }): void;
	onResponseHeaders(message: RequestMessage & { response: { headers: Buffer[]; statusCode: number } }): void;
	onDone(message: RequestMessage): void;
	onError(message: RequestMessage & { error: Error & { code?: unknown } }): void;
}

const Base = UndiciInstrumentation as unknown as new (
	...args: ConstructorParameters<typeof UndiciInstrumentation>
) => Upstream;

/** WebSocket requests by their local port. Not a field, because upstream's constructor enables the instrumentation before fields exist. */
const upgrading = new Map<number, RequestMessage['request']>();

/**
 * Upstream's instrumentation of `fetch`, whose spans end with the headers of the response. Upstream's spans end
 * with the body. If a body is not read, Node reports its end only at garbage collection, if ever, and then as a
 * failure (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span-duration).
 */
class HeadersInstrumentation extends Base {
	override enable(): void {
		super.enable();
		this.subscribeToChannel('undici:websocket:open', (message) => this.onOpen(message as Opened));
	}

	override onRequestHeaders(message: RequestMessage & { socket: Socket }): void {
		super.onRequestHeaders(message);
		const { request, socket } = message;
		const { localPort } = socket;
		if (request.upgrade !== 'websocket' || localPort === undefined) return;
		upgrading.set(localPort, request);
		socket.once('close', () => upgrading.delete(localPort));
	}

	override onResponseHeaders(message: Parameters<Upstream['onResponseHeaders']>[0]): void {
		if (isInformational(message.response.statusCode)) return;
		super.onResponseHeaders(message);
		this.onDone({ request: message.request });
	}

	/** A timeout error has a numeric code, which is not a useful `error.type`. */
	override onError(message: Parameters<Upstream['onError']>[0]): void {
		const { request, error } = message;
		if (typeof error?.code !== 'number' || error.name === 'AbortError') return super.onError(message);
		const { name, message: text, stack } = error;
		super.onError({ request, error: { name, message: text, ...(stack !== undefined && { stack }) } });
	}

	/** A successful handshake publishes no message for its headers. */
	private onOpen({ address, handshakeResponse }: Opened): void {
		const port = address?.port;
		const request = port === undefined ? undefined : upgrading.get(port);
		if (!request) return;
		upgrading.delete(port!);
		this.onResponseHeaders({
			request,
			response: { headers: [], statusCode: handshakeResponse?.status ?? 101 }
		});
	}
}

/** Instruments `fetch` and `WebSocket`. */
export const FetchInstrumentation: typeof UndiciInstrumentation =
	HeadersInstrumentation as unknown as typeof UndiciInstrumentation;
