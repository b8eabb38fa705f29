import { type App, type AppOptions, buildApp } from '../support/app.ts';
import type { RunningServer } from '../support/server.ts';

/** What a server says of itself, after a garbage collection. */
export interface Inspection {
	/** Bytes in use, of the heap and outside of it. */
	usedBytes: number;
	/** Listeners of `process`, all events together. */
	listeners: number;
	/** What keeps the event loop busy, by kind: handles, requests, timers. */
	resources: Record<string, number>;
}

const files = {
	'src/routes/inspect/+server.js': `
export async function GET() {
	// what waits to be finalized is collected by the second
	gc();
	await new Promise((resolve) => setImmediate(resolve));
	gc();
	const { heapUsed, external } = process.memoryUsage();
	const resources = {};
	for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
	return Response.json({
		usedBytes: heapUsed + external,
		listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
		resources
	});
}`,
	// a page whose root span holds a lot of memory
	'src/routes/large/+server.js': `
let count = 0;
export function GET({ tracing }) {
	tracing.root.setAttribute('app.large', String(count++).padEnd(100_000, 'x'));
	return new Response('large');
}`,
	'src/routes/throw-outside/+server.js': `
export function GET() {
	setImmediate(() => { throw new Error('nobody catches this'); });
	return new Promise(() => {});
}`,
	'src/routes/exit/+server.js': `
export function GET() {
	process.exit(5);
}`
};

/** An app with endpoints that say how its server is, and that end it; run it with `--expose-gc`. */
export function buildInspectedApp(options: AppOptions): Promise<App> {
	return buildApp({ ...options, files: { ...files, ...options.files } });
}

/** Looks into a server that runs such an app. */
export async function inspect(server: RunningServer): Promise<Inspection> {
	const response = await server.fetch('/inspect');
	return (await response.json()) as Inspection;
}
