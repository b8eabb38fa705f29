import type { OtlpSettings } from '../config/otlp.ts';
import type { ProxyEnv } from '../otlp/proxy.ts';

/** The state of the worker. */
export const STARTING = 0;
export const SENDING = 1;
export const DONE = 2;

/** The data that the worker gets. */
export interface LastExport {
	userAgent: string;
	timeoutMs: number;
	/** The variables of the proxy that the main thread uses: Node does not set it up in a worker without environment. */
	proxyEnv: ProxyEnv | undefined;
	/** The bodies, grouped by destination. */
	jobs: { otlp: OtlpSettings; bodies: Uint8Array[] }[];
	/** First the state of the worker, then for each body whether it was accepted. */
	result: Int32Array<SharedArrayBuffer>;
}
