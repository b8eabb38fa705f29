import type { ViteServer } from './vite-server.ts';

/** What the page of traces shows. */
export interface Shown {
	/** Why it shows no traces, if so. */
	notice?: string;
	/** Oldest first. */
	traces: { id: string; name: string; path: string }[];
}

/** Opens the page of traces, which turns tracing on. */
export const openPage = async (server: ViteServer): Promise<void> => {
	await (await server.fetch('/__otel')).text();
};

/** The events that the page gets, as they come. Leaving the loop ends the connection. */
export async function* readEvents(server: ViteServer): AsyncGenerator<{ event: string; data: unknown }> {
	const { body } = await server.fetch('/__otel/events');
	let rest = '';
	for await (const text of body!.pipeThrough(new TextDecoderStream())) {
		const frames = (rest + text).split('\n\n');
		rest = frames.pop()!;
		for (const frame of frames) {
			const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(frame)!;
			yield { event: event!, data: JSON.parse(data!) };
		}
	}
}

/** What the page shows now. */
export async function readPage(server: ViteServer): Promise<Shown> {
	for await (const { data } of readEvents(server)) return data as Shown;
	throw new Error('The page of traces has no events');
}

/** The spans of a trace on the page, as JSON. */
export const readSpans = async (server: ViteServer, id: string): Promise<string> =>
	(await server.fetch(`/__otel/traces/${id}`)).text();
