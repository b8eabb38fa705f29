import { setTimeout as delay } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';

const tracer = trace.getTracer('app');
const PIECES = 10;
// streams of bytes take it away
const piece = () => new Uint8Array(3e5);

/** What happens for each piece of a body: a span, and a call that carries the context on. */
const work = (name) =>
	tracer.startActiveSpan(name, async (span) => {
		await (await fetch(`${process.env.UPSTREAM_URL}/${name}`)).text();
		span.end();
	});

function source() {
	let count = 0;
	return {
		async pull(controller) {
			await work('piece');
			controller.enqueue(piece());
			if (++count === PIECES) controller.close();
		},
		cancel: () => work('cancel')
	};
}

async function* generate() {
	for (let count = 0; count < PIECES; count++) {
		await work('piece');
		yield piece();
	}
}

const bodies = {
	pull: () => new ReadableStream(source()),
	eager: () => new ReadableStream(source(), { highWaterMark: 0 }),
	bytes: () => new ReadableStream({ ...source(), type: 'bytes' }),
	from: () => ReadableStream.from(generate()),
	tee: () => new ReadableStream(source()).tee()[0],
	piped: () => new ReadableStream(source()).pipeThrough(new TransformStream()),
	forever: () => new ReadableStream({ ...source(), pull: (controller) => delay(5).then(() => controller.enqueue(piece())) })
};

export function GET({ request, url }) {
	const kind = url.searchParams.get('kind');
	if (kind === 'forever') request.signal.addEventListener('abort', () => void work('abort'));
	return new Response(bodies[kind]());
}
