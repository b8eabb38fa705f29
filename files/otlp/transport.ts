import type { OtlpSettings } from '../config/otlp.ts';

/** What one attempt to send came to. */
export type Attempt =
	| {
			outcome: 'taken';
			body: Uint8Array;
			/** The answer came before everything was sent, which goes on being sent. */
			isEarly?: boolean;
	  }
	| { outcome: 'retryable'; error: Error; retryAfterMs?: number }
	| { outcome: 'refused'; error: Error };

/** A way to the collector. It makes one attempt when asked to; repeating is the exporter's business. */
export interface Transport {
	/**
	 * One attempt. Never rejects.
	 *
	 * @param body a serialized request
	 * @param timeoutMs the bound of the whole attempt, the answer's last byte included
	 */
	send(body: Uint8Array, timeoutMs: number): Promise<Attempt>;
	/** Whether a body under way lies with the operating system, which delivers it whatever becomes of the process. */
	hasLeft(body: Uint8Array): boolean;
	/** Ends all that is under way, at once; later attempts fail. */
	destroy(): void;
}

/**
 * Loads the transport of the protocol, and no other.
 *
 * @param settings where and how
 * @param userAgent who sends
 */
export async function createTransport(settings: OtlpSettings, userAgent: string): Promise<Transport> {
	if (settings.protocol === 'grpc') {
		const { GrpcTransport } = await import('./grpc-transport.ts');
		return new GrpcTransport(settings, userAgent);
	}
	const { HttpTransport } = await import('./http-transport.ts');
	return new HttpTransport(settings, userAgent);
}
