import type { PartialSuccess } from './schema.ts';

/** Ways to misbehave that no status code expresses. */
export type Fault =
	/** The request is read, nothing is ever answered. */
	| 'never-answer'
	/** The connection is cut before the first byte of an answer. */
	| 'close-before-response'
	/** The connection is cut in the middle of the body. */
	| 'close-mid-response'
	/** A body that goes on until the other side hangs up. */
	| 'endless-body';

/** How one request is answered. Everything left out is what a good receiver would do. */
export interface Reply {
	/** @default 200 for spans, 404 for any other path */
	status?: number;
	headers?: Record<string, string>;
	/** In place of the proper body, garbage for instance. */
	body?: string | Uint8Array;
	/** Time between the request's last byte and the answer. */
	delayMs?: number;
	fault?: Fault;
	/** Put into a proper body, in the encoding of the request. */
	partialSuccess?: PartialSuccess;
	/** gRPC only: a status code other than 0 (OK), and its message. */
	grpcStatus?: number;
	grpcMessage?: string;
}

/** Whether the sender may consider the spans delivered; only then they count as received. */
export function isAccepted({ status = 200, fault, grpcStatus = 0 }: Reply): boolean {
	return !fault && status >= 200 && status < 300 && grpcStatus === 0;
}
