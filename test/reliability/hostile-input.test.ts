import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ReceivedSpan, startReceiver } from '../otlp/receiver.ts';
import type { AttributeValue } from '../otlp/span.ts';
import { type App, buildApp } from '../support/app.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { choose, combinations, report } from './form.ts';
import { createRandom } from '../support/random.ts';
import { type HostileRequest, createHostileRequest } from './hostile-request.ts';

/** Of each combination, all of them together. */
const total = Math.ceil(choose(2000, 50_000) / combinations.length);
const seed = Number(process.env['SEED'] ?? 20_261_122);
/** Requests that are under way at once. */
const width = 16;
const maxLength = 512;
const maxAttributes = 24;

/** The servers' variables besides OpenTelemetry's: proxy headers are trusted, so that they have an effect. */
const proxied = {
	ADDRESS_HEADER: 'x-forwarded-for',
	PROTOCOL_HEADER: 'x-forwarded-proto',
	HOST_HEADER: 'x-forwarded-host'
};

/** The status of the answer to raw bytes, or what happened instead. */
async function send(port: number, { bytes }: HostileRequest, local: string): Promise<string> {
	const socket = connect({ port, host: '127.0.0.1', localAddress: local });
	socket.setTimeout(20_000, () => socket.destroy(new Error('no answer')));
	socket.write(bytes);
	try {
		const answer = await buffer(socket);
		return /^HTTP\/1\.1 (\d{3})/.exec(answer.toString('latin1'))?.[1] ?? 'closed';
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? 'closed' : String(error);
	}
}

/** Looks at spans as they come and keeps what is wrong with them. */
class Inspector {
	readonly wrong: string[] = [];
	spans = 0;
	/** The trace of each request, by its id. */
	readonly #traces = new Map<string, string>();
	/** The traces that requests have named, by their own id. */
	readonly #named = new Map<string, string | undefined>();

	expectRequest({ id, traceId }: HostileRequest): void {
		this.#named.set(id, traceId);
	}

	look(span: ReceivedSpan): void {
		this.spans++;
		const attributes = Object.entries(span.attributes);
		if (attributes.length > maxAttributes)
			this.wrong.push(`${span.name} has ${attributes.length} attributes`);
		for (const [name, value] of attributes) {
			if (lengthOf(value) > maxLength)
				this.wrong.push(`${span.name} ${name} has ${lengthOf(value)} characters`);
		}
		if (span.kind !== 'SERVER') return;
		if (span.name.length > 200) this.wrong.push(`a name of ${span.name.length} characters`);
		const text = JSON.stringify(span.attributes);
		if (text.includes('secret')) this.wrong.push(`a value of the query in ${text}`);

		const id = /id\d+x/.exec(String(span.attributes['url.path']))?.[0];
		if (!id) return;
		const named = this.#named.get(id);
		if (named && named !== span.traceId) this.wrong.push(`${id} named ${named} and is in ${span.traceId}`);
		if (this.#traces.has(id)) this.wrong.push(`${id} has two SERVER spans`);
		this.#traces.set(id, span.traceId);
	}

	/** Requests that share a trace without having asked for it. */
	findShared(): string[] {
		const seen = new Map<string, string>();
		const shared: string[] = [];
		for (const [id, traceId] of this.#traces) {
			const other = seen.get(traceId);
			if (other) shared.push(`${id} and ${other} share ${traceId}`);
			seen.set(traceId, id);
		}
		return shared;
	}

	get served(): number {
		return this.#traces.size;
	}
}

const lengthOf = (value: AttributeValue): number =>
	Array.isArray(value) ? Math.max(0, ...value.map(lengthOf)) : typeof value === 'string' ? value.length : 0;

describe.each(combinations)('%s', (combination) => {
	let app: App;
	let plain: App;

	beforeAll(async () => {
		[app, plain] = await Promise.all([
			buildApp({ combination }),
			buildApp({ combination, adapter: '@sveltejs/adapter-node' })
		]);
	});

	test(
		'hostile requests have the same responses as with plain adapter-node, and create only their own spans',
		async () => {
			const inspector = new Inspector();
			await using receiver = await startReceiver();
			const respond = (): void => {
				for (const { spans } of receiver.requests) spans.forEach((span) => inspector.look(span));
				receiver.reset();
				receiver.respond = respond;
			};
			receiver.respond = respond;
			await using traced = await startServer(app.build, {
				env: {
					...proxied,
					OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
					OTEL_BSP_MAX_QUEUE_SIZE: '20000',
					OTEL_PROPAGATORS: 'tracecontext,baggage,b3,b3multi,jaeger,xray',
					OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: String(maxLength),
					OTEL_ATTRIBUTE_COUNT_LIMIT: String(maxAttributes)
				}
			});
			await using bare = await startServer(plain.build, { env: proxied });

			const random = createRandom(seed);
			const differing: string[] = [];
			const statuses: Record<string, number> = {};
			let number = 0;
			const lane = async (local: string): Promise<void> => {
				while (number < total) {
					const request = createHostileRequest(random, number++);
					inspector.expectRequest(request);
					const [ours, theirs] = await Promise.all([
						send(traced.port, request, local),
						send(bare.port, request, local)
					]);
					statuses[ours] = (statuses[ours] ?? 0) + 1;
					if (ours !== theirs)
						differing.push(
							`${ours} for ${theirs}: ${JSON.stringify(request.bytes.toString('latin1').slice(0, 400))}`
						);
				}
			};
			// as many addresses, so that ports do not run out. Only Linux has them without setup
			const addressOf = (index: number): string =>
				process.platform === 'linux' ? `127.0.0.${index + 2}` : '127.0.0.1';
			await Promise.all(Array.from({ length: width }, (_, index) => lane(addressOf(index))));

			await expectAlive(traced);
			expect(await traced.stop()).toEqual({ code: 0, signal: null });
			respond();
			report(`${combination} hostile input (SEED=${seed})`, {
				requests: total,
				...statuses,
				spans: inspector.spans,
				'requests with a span': inspector.served
			});
			expect(differing).toEqual([]);
			expect(inspector.wrong.slice(0, 10)).toEqual([]);
			expect(inspector.findShared()).toEqual([]);
			expect(inspector.served).toBeGreaterThan(total / 10);
			expect(traced.stderr()).not.toMatch(/UnhandledPromise|uncaught|spans? lost/i);
		},
		choose(120_000, 600_000)
	);
});

async function expectAlive(server: RunningServer): Promise<void> {
	expect((await server.fetch('/blog/alive')).status).toBe(200);
}
