import type { Certificates } from './certificates.ts';
import type { Reply } from './reply.ts';
import type { ReceivedLog } from './logs.ts';
import type { ReceivedPoint } from './metrics.ts';
import type { ReceivedRequest } from './request.ts';
import type { ReceivedSpan } from './span.ts';
import type { TreeNode } from './tree.ts';
import type { WaitOptions } from './waiter.ts';

/** How a request is answered; without it, the receiver answers normally. */
export type Respond = (
	request: ReceivedRequest,
	/** Counts the requests since the start or the last reset, from 0. */
	index: number
) => Reply | undefined | void | Promise<Reply | undefined | void>;

/** How {@link startReceiver} listens. */
export interface ReceiverOptions {
	/**
	 * The HTTP port: for a receiver that comes back where an earlier one was.
	 *
	 * @default 0, any free one
	 */
	port?: number;
	/** The gRPC port, likewise. */
	grpcPort?: number;
	/**
	 * Listens for gRPC as well.
	 *
	 * @default false
	 */
	grpc?: boolean;
	/**
	 * TLS with a fresh certificate, and `mutual` to ask the clients for theirs. Certificates of an
	 * earlier receiver can be passed on.
	 *
	 * @default false
	 */
	tls?: boolean | 'mutual';
	certificates?: Certificates;
	/** @default '/v1/traces' */
	tracesPath?: string;
	respond?: Respond;
}

/** A listening OTLP receiver with what it has received. */
export interface Receiver {
	/** The base URL for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
	readonly url: string;
	readonly port: number;
	/** The same for `OTEL_EXPORTER_OTLP_PROTOCOL=grpc`; empty unless asked for. */
	readonly grpcUrl: string;
	readonly grpcPort: number;
	/** Present with TLS. */
	readonly certificates: Certificates | undefined;
	/** Every request, accepted or not, and whatever its path. */
	readonly requests: readonly ReceivedRequest[];
	/** The spans of the accepted requests, in the order of arrival. */
	readonly spans: readonly ReceivedSpan[];
	/** The log records of the accepted requests, in the order of arrival. */
	readonly logs: readonly ReceivedLog[];
	/** The data points of the accepted requests, in the order of arrival. */
	readonly points: readonly ReceivedPoint[];
	/** Can be set at any time. */
	respond: Respond | undefined;
	/** The trees of all spans. */
	trees(): TreeNode[];
	/** Resolves with all spans once there are so many, or once they fit. */
	waitForSpans(
		wanted: number | ((spans: readonly ReceivedSpan[]) => boolean),
		options?: WaitOptions
	): Promise<readonly ReceivedSpan[]>;
	/**
	 * Resolves with the tree of a trace once it is complete: no span of it misses its parent. The
	 * trace is given by its id or by what holds for one of its spans. Rejects when the trace turns out
	 * to have several roots.
	 */
	waitForTrace(wanted: string | ((span: ReceivedSpan) => boolean), options?: WaitOptions): Promise<TreeNode>;
	/** Resolves with the first log record that fits. */
	waitForLog(wanted: (log: ReceivedLog) => boolean, options?: WaitOptions): Promise<ReceivedLog>;
	/** Resolves with the last data point that fits. */
	waitForPoint(wanted: (point: ReceivedPoint) => boolean, options?: WaitOptions): Promise<ReceivedPoint>;
	/** Resolves with the first request that fits, accepted or not. */
	waitForRequest(
		wanted: (request: ReceivedRequest) => boolean,
		options?: WaitOptions
	): Promise<ReceivedRequest>;
	/** Forgets everything received, and `respond`. */
	reset(): void;
	/** Closes all connections. What was received stays readable. */
	stop(): Promise<void>;
	[Symbol.asyncDispose](): Promise<void>;
}
