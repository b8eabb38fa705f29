import { UndiciInstrumentation, type UndiciRequest } from '@opentelemetry/instrumentation-undici';
import type { Socket } from 'node:net';

/** What undici tells of a request: upstream declares no types for it. */
interface Told {
	request: UndiciRequest & { upgrade?: unknown };
}

/** What undici tells of a WebSocket that is open: of the connection, not of the request. */
interface Opened {
	address?: { port?: number };
	handshakeResponse?: { status?: number };
}

/** Upstream's methods, which are private to its types. */
interface Upstream {
	enable(): void;
	subscribeToChannel(channel: string, listener: (message: unknown) => void): void;
	onRequestHeaders(message: Told & { socket: Socket }): void;
	onResponseHeaders(message: Told & { response: { headers: Buffer[]; statusCode: number } }): void;
	onDone(message: Told): void;
	onError(message: Told & { error: Error & { code?: unknown } }): void;
}

const Base = UndiciInstrumentation as unknown as new (
	...args: ConstructorParameters<typeof UndiciInstrumentation>
) => Upstream;

/** Requests for a WebSocket by the port that they were sent from; upstream's constructor enables it before any field is there. */
const upgrading = new Map<number, Told['request']>();

/**
 * Upstream's instrumentation of `fetch`, whose spans end with the headers of the response. Upstream's end with
 * the body; but of a body that nobody reads Node hears the end when it is collected as garbage, if ever, and
 * then as a failure (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span-duration).
 */
class HeadersInstrumentation extends Base {
	override enable(): void {
		super.enable();
		this.subscribeToChannel('undici:websocket:open', (message) => this.onOpen(message as Opened));
	}

	override onRequestHeaders(message: Told & { socket: Socket }): void {
		super.onRequestHeaders(message);
		const { request, socket } = message;
		const { localPort } = socket;
		if (request.upgrade !== 'websocket' || localPort === undefined) return;
		upgrading.set(localPort, request);
		socket.once('close', () => upgrading.delete(localPort));
	}

	override onResponseHeaders(message: Parameters<Upstream['onResponseHeaders']>[0]): void {
		super.onResponseHeaders(message);
		this.onDone({ request: message.request });
	}

	/** A time limit has a number for a code, which says nothing. */
	override onError(message: Parameters<Upstream['onError']>[0]): void {
		const { request, error } = message;
		if (typeof error?.code !== 'number' || error.name === 'AbortError') return super.onError(message);
		const { name, message: text, stack } = error;
		super.onError({ request, error: { name, message: text, ...(stack !== undefined && { stack }) } });
	}

	/** A handshake that succeeds has no headers to tell of. */
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
