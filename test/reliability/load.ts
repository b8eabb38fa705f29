import { randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Waiter } from '../otlp/waiter.ts';

/** How {@link startLoad} asks. */
export interface LoadOptions {
	url: string;
	/** Asked for in turn. */
	paths: readonly string[];
	/**
	 * Connections that each ask again as soon as they are answered.
	 *
	 * @default 16
	 */
	connections?: number;
	/** Requests at most in a second, all connections together. @default no limit */
	rate?: number;
	/**
	 * Clients that do not wait: in turns they leave when they have asked, and when the answer begins.
	 *
	 * @default false
	 */
	leaving?: boolean;
}

/** Load on a server. */
export interface Load {
	/** The traces of the requests whose response came to its end, in that order: each request has its own. */
	readonly answered: readonly string[];
	/** How long each of them took, in milliseconds. */
	readonly latenciesMs: number[];
	/** Responses by their status. */
	readonly statuses: ReadonlyMap<number, number>;
	/** Responses that began and did not come to their end. */
	readonly cut: readonly string[];
	/** How many requests the clients themselves have ended. */
	readonly left: number;
	/** Resolves once so many requests are answered. */
	waitFor(answered: number, timeoutMs?: number): Promise<void>;
	/** Ends with the requests under way; resolves when they have ended. */
	stop(): Promise<void>;
	/** Resolves when all connections have stopped, also because the server is gone. */
	readonly stopped: Promise<void>;
}

/** Puts load on a server until it is stopped or the server is gone. */
export function startLoad({
	url,
	paths,
	connections = 16,
	rate = Infinity,
	leaving = false
}: LoadOptions): Load {
	const agent = new Agent({ keepAlive: true, maxSockets: connections });
	const answered: string[] = [];
	const latenciesMs: number[] = [];
	const statuses = new Map<number, number>();
	const cut: string[] = [];
	const waiter = new Waiter();
	const startedAt = performance.now();
	let asked = 0;
	let left = 0;
	const stopping = new AbortController();

	async function connection(): Promise<void> {
		while (!stopping.signal.aborted) {
			const dueAt = startedAt + (asked / rate) * 1000;
			const turn = asked++;
			const path = paths[turn % paths.length]!;
			const wait = dueAt - performance.now();
			if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));

			const traceId = randomBytes(16).toString('hex');
			const since = performance.now();
			const leaveAt = leaving ? LEAVE_AT[Math.floor(turn / paths.length) % LEAVE_AT.length] : undefined;
			const outcome = await ask(agent, `${url}${path}`, traceId, leaveAt);
			if (outcome === 'gone') return;
			if (outcome === 'left') {
				left++;
				continue;
			}
			if (outcome === 'unanswered') continue;
			if (outcome === 'cut') {
				cut.push(traceId);
				continue;
			}
			latenciesMs.push(performance.now() - since);
			statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
			answered.push(traceId);
			waiter.notify();
		}
	}

	const stopped = Promise.all(Array.from({ length: connections }, connection)).then(() => agent.destroy());

	return {
		answered,
		latenciesMs,
		statuses,
		cut,
		get left() {
			return left;
		},
		waitFor: async (count, timeoutMs = 60_000) => {
			await waiter.until(
				() => (answered.length >= count ? true : undefined),
				() => `Waited for ${count} answers, got ${answered.length}`,
				{ timeoutMs }
			);
		},
		stop: () => {
			stopping.abort();
			return stopped;
		},
		stopped
	};
}

/** When a client leaves that does not wait. */
const LEAVE_AT = ['asked', 'answer'] as const;

type Outcome = number | 'cut' | 'unanswered' | 'gone' | 'left';

/** The status of a response that came to its end, or what happened instead. */
function ask(
	agent: Agent,
	url: string,
	traceId: string,
	leaveAt?: (typeof LEAVE_AT)[number]
): Promise<Outcome> {
	return new Promise((resolve) => {
		const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
		const req = request(url, { agent, headers: { traceparent } });
		let res: IncomingMessage | undefined;
		const leave = (): void => {
			resolve('left');
			req.destroy();
		};
		if (leaveAt === 'asked') req.once('finish', leave);
		req.on('error', (error: NodeJS.ErrnoException) => {
			// a server that closes an idle connection and a request that comes over it may cross
			resolve(res ? 'cut' : error.code === 'ECONNREFUSED' ? 'gone' : 'unanswered');
		});
		req.on('response', (response) => {
			res = response;
			if (leaveAt === 'answer') response.once('data', leave);
			response.on('end', () => resolve(response.statusCode ?? 0));
			response.on('error', () => resolve('cut'));
			response.resume();
		});
		req.end();
	});
}

/** The quantile of values. */
export function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? NaN;
}
