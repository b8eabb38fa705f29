import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';

/*
 * The load, in a process of its own (see `load-generator.ts`): as many connections as asked for, each with
 * one request after the other, as a browser would send them.
 */

/** A request to this process. */
export interface LoadOrder {
	port: number;
	path: string;
	connections: number;
	durationMs: number;
	/** Ends earlier, after this number of responses. */
	amount?: number;
	/** Each request comes from a caller that has sampled it. */
	hasSampledCaller?: boolean;
}

/** The result. */
export interface LoadResult {
	requests: number;
	durationMs: number;
	p50Ms: number;
	p99Ms: number;
	/** Answers other than 200, and broken connections. */
	failures: number;
}

const HEADERS = {
	accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
	'accept-encoding': 'identity',
	'accept-language': 'en-GB,en;q=0.9,de;q=0.8',
	'cache-control': 'no-cache',
	cookie: 'session=0123456789abcdef0123456789abcdef; theme=dark',
	referer: 'http://127.0.0.1/',
	'sec-fetch-dest': 'document',
	'sec-fetch-mode': 'navigate',
	'sec-fetch-site': 'same-origin',
	'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
};

const sampledCaller = (): string =>
	`00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;

async function run({
	port,
	path,
	connections,
	durationMs,
	amount = Infinity,
	hasSampledCaller = false
}: LoadOrder): Promise<LoadResult> {
	const agent = new Agent({ keepAlive: true, maxSockets: connections });
	const latencies: number[] = [];
	let failures = 0;

	const once = (): Promise<void> =>
		new Promise((resolve) => {
			const start = performance.now();
			const headers = hasSampledCaller ? { ...HEADERS, traceparent: sampledCaller() } : HEADERS;
			const outgoing = request({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
				if (response.statusCode !== 200) failures++;
				response.resume().on('close', () => {
					latencies.push(performance.now() - start);
					resolve();
				});
			});
			outgoing.on('error', () => {
				failures++;
				resolve();
			});
			outgoing.end();
		});

	const start = performance.now();
	const connection = async (): Promise<void> => {
		while (performance.now() - start < durationMs && latencies.length + failures < amount) await once();
	};
	await Promise.all(Array.from({ length: connections }, connection));
	const took = performance.now() - start;
	agent.destroy();

	latencies.sort((a, b) => a - b);
	const quantile = (q: number): number => latencies[Math.floor(q * (latencies.length - 1))] ?? Number.NaN;
	return {
		requests: latencies.length,
		durationMs: took,
		p50Ms: quantile(0.5),
		p99Ms: quantile(0.99),
		failures
	};
}

process.on('message', (order: LoadOrder) => {
	void run(order).then((result) => process.send!(result));
});
