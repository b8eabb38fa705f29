import type { Server } from 'node:http';

/**
 * Lets adapter-node shut down a server that is already closed.
 *
 * When the primary process of `node:cluster` disconnects a worker, Node closes the server of the worker. Without
 * telemetry the worker usually exits then, before it notices a signal that was sent with it. Telemetry exports first,
 * so the signal arrives. adapter-node ignores the error of `close` for such a server, and its timer would keep the
 * process for `SHUTDOWN_TIMEOUT`.
 *
 * @param server adapter-node's server
 */
export function allowSecondClose(server: Server): void {
	const { close } = server;
	server.close = (callback) =>
		close.call(server, (error) => callback?.(isAboutClosed(error) ? undefined : error));
}

const isAboutClosed = (error: NodeJS.ErrnoException | undefined): boolean =>
	error?.code === 'ERR_SERVER_NOT_RUNNING';
