import { ROOT_CONTEXT, context, diag } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import cluster from 'node:cluster';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PrometheusSettings } from '../config/metrics.ts';
import { log } from '../diagnostics/log.ts';
import { isBelowTelemetry } from '../threads/threads.ts';

/** The path of the metrics endpoint. */
export const PATH = '/metrics';

/** The time until a port that is in use is tried again. */
const RETRY_MS = 5000;

/** Node publishes each `listen` of a server there, before the server takes the port. */
const LISTEN_CHANNEL = 'tracing:net.server.listen:asyncStart';

/** They do not give way to each other. */
const endpoints = new WeakSet<Server>();

/** The metrics endpoint of this process, which listens or is going to. */
export interface Listener {
	/** The text for the startup line. */
	described: string;
	/** Stops listening, and ends all connections. */
	close(): void;
}

/** The setting, as the user writes it. */
const nameOf = (setting: 'host' | 'port', isOfFile: boolean | undefined): string =>
	isOfFile
		? `${setting} of prometheus/development in the file of OTEL_CONFIG_FILE`
		: `OTEL_EXPORTER_PROMETHEUS_${setting.toUpperCase()}`;

/** Which setting to change after an error of `listen`, and to what. */
function remedyFor(code: string | undefined, isWorker: boolean, isOfFile: boolean | undefined): string {
	switch (code) {
		case 'EADDRNOTAVAIL':
		case 'EAFNOSUPPORT':
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `${nameOf('host', isOfFile)} to an address of this machine`;
		case 'ERR_SOCKET_BAD_PORT':
			// that of a worker is above the setting
			return `${nameOf('port', isOfFile)} to a lower port`;
		case 'EACCES':
			return `${nameOf('port', isOfFile)} to another port above 1023`;
		default:
			return `${nameOf('port', isOfFile)} to ${isWorker ? 'a port that is followed by free ones' : 'a free port'}`;
	}
}

/**
 * Listens for Prometheus, and never at the cost of the app. The endpoint starts before the app's server, so it gives the
 * port up for good if a server of this process wants it. A port that another process has is tried again, because the
 * server of a deployment before may soon end.
 *
 * @param server answers the requests
 * @param settings where to listen
 */
export async function listen(
	server: Server,
	{ host, port, isOfFile }: Omit<PrometheusSettings, 'exporter'>
): Promise<Listener> {
	const at = (used: number): string => `${host.includes(':') ? `[${host}]` : host}:${used}`;
	if (port !== 0 && isBelowTelemetry) {
		log(
			'info',
			`metrics of a worker thread are not served: ${at(port)} serves only those of the main thread. ${isOfFile ? 'Add a reader with otlp_http to the file of OTEL_CONFIG_FILE' : 'Set OTEL_METRICS_EXPORTER=otlp'} to export them`
		);
		return { described: 'prometheus, which serves those of the main thread', close: () => {} };
	}
	const isWorker = cluster.isWorker && port !== 0;
	// `node:cluster` would send each scrape to the next worker
	const own = isWorker ? port + (cluster.worker?.id ?? 0) : port;
	const describe = (used: number): string => `prometheus at http://${at(used)}${PATH}`;
	const { promise, resolve } = Promise.withResolvers<string>();
	let isTrying = false;
	let isLogged = false;
	/** Whether it was closed, or has given its port up. */
	let isOver = false;
	let timer: NodeJS.Timeout | undefined;

	const tryLater = (): void => {
		timer = setTimeout(tryNow, RETRY_MS).unref();
	};
	function tryNow(): void {
		clearTimeout(timer);
		if (isTrying || isOver || server.listening) return;
		isTrying = true;
		// this may run in a context of the app
		context.with(suppressTracing(ROOT_CONTEXT), () => {
			try {
				server.listen({ host, port: own, exclusive: true });
			} catch (error) {
				// a port above 65535
				server.emit('error', error);
			}
		});
	}
	function end(): void {
		isOver = true;
		clearTimeout(timer);
		server.close();
		server.closeAllConnections();
	}
	function warn(why: string, until: string, code?: string): void {
		log(
			'warn',
			`metrics cannot be served at ${at(own)}${why}: Prometheus cannot scrape them${until}; the app is not affected. Set ${remedyFor(code, isWorker, isOfFile)}`
		);
		resolve('prometheus, which cannot listen');
	}

	endpoints.add(server);
	server.on('listening', () => {
		isTrying = false;
		if (isOver) return end();
		if (isLogged) log('info', `metrics are now served at ${at(own)}`);
		isLogged = false;
		resolve(describe((server.address() as AddressInfo).port));
	});
	// stays, because an error without a listener would end the process
	server.on('error', (error: NodeJS.ErrnoException) => {
		if (server.listening) return diag.error(`Prometheus cannot connect: ${error.message}`);
		isTrying = false;
		if (isOver) return;
		const isInUse = error.code === 'EADDRINUSE';
		if (isInUse) tryLater();
		if (isLogged) return;
		isLogged = true;
		const until = isInUse ? ` until the port is free, which is tried every ${RETRY_MS / 1000} s` : '';
		warn(` (${error.code ?? error.message})`, until, error.code);
	});

	/** Called before another server takes its port. */
	const onListen = (message: unknown): void => {
		const { server: other, options } = message as { server: Server; options: { port?: unknown } };
		if (isOver || endpoints.has(other)) return;
		if (Number(options.port) === own) {
			end();
			warn(', where the app listens', '');
		} else if (isWorker) {
			// a server that has failed to listen may try again: only one listener each
			other.off('listening', tryNow).once('listening', tryNow);
		}
	};
	if (own !== 0) subscribe(LISTEN_CHANNEL, onListen);

	if (isWorker) {
		log(
			'info',
			`each worker of node:cluster has metrics of its own: this one serves them at port ${own}, which is ${nameOf('port', isOfFile)} and the worker's id`
		);
		// the app's port may be taken by the endpoint of another worker, but not after a server of this one listens
		tryLater();
		resolve(describe(own));
	} else tryNow();

	return {
		described: await promise,
		close() {
			unsubscribe(LISTEN_CHANNEL, onListen);
			end();
		}
	};
}
