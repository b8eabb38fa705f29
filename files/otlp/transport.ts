import type { OtlpSettings } from '../config/otlp.ts';
import type { Attempt } from './attempt.ts';
import { type ProxyEnv, readProxyEnv } from './proxy.ts';

/** The transport to a collector. It makes single attempts; retries are up to the exporter. */
export interface Transport {
	/**
	 * Makes one attempt. Never rejects.
	 *
	 * @param body a serialized request
	 * @param timeoutMs the time limit of the whole attempt, until the last byte of the response
	 */
	send(body: Uint8Array, timeoutMs: number): Promise<Attempt>;
	/** Whether the operating system has the whole body, and delivers it even if the process exits. */
	isSent(body: Uint8Array): boolean;
	/** Stops all attempts immediately; later attempts fail. */
	destroy(): void;
}

/**
 * Loads only the transport that the protocol needs.
 *
 * @param settings the settings of the OTLP exporter
 * @param userAgent the `User-Agent` header
 * @param proxyEnv the variables of the proxy, if one is used
 */
export async function createTransport(
	settings: OtlpSettings,
	userAgent: string,
	proxyEnv: ProxyEnv | undefined = readProxyEnv()
): Promise<Transport> {
	if (settings.protocol === 'grpc') {
		const { GrpcTransport } = await import('./grpc-transport.ts');
		return new GrpcTransport(settings, userAgent, proxyEnv);
	}
	const { HttpTransport } = await import('./http-transport.ts');
	return new HttpTransport(settings, userAgent, proxyEnv);
}
