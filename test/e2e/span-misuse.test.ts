import { beforeAll, describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

/** Mistakes that an app may make with a span, as code. */
const misuses = [
	'span.updateName(undefined)',
	'span.updateName(5)',
	'span.updateName(Object.create(null))',
	'span.setAttribute(undefined, 1)',
	"span.setAttribute('key', throwing)",
	'span.setAttributes(undefined)',
	'span.setAttributes(throwing)',
	'span.addEvent(undefined)',
	'span.addEvent(5)',
	"span.addEvent('event', throwing)",
	"span.addEvent('event', {}, new Date(NaN))",
	'span.addLink(undefined)',
	'span.addLink({ context: {} })',
	'span.addLinks(undefined)',
	'span.setStatus(undefined)',
	'span.recordException(undefined)',
	'span.recordException(throwing)',
	'span.end(new Date(NaN))'
];

/** Calls that the SDK records unchanged, although they cannot be encoded. */
const malformed = [
	'span.updateName(undefined)',
	'span.updateName(5)',
	'span.addEvent(5)',
	"span.addEvent('event', {}, new Date(NaN))",
	'span.addLink({ context: {} })',
	'span.end(new Date(NaN))'
];

const functions = (codes: string[]): string => codes.map((code) => `(span) => ${code}`).join(',\n');

const ROUTE = `
	import { trace } from '@opentelemetry/api';

	const throwing = {
		get message() {
			throw new Error('no message');
		}
	};
	const misuses = [${functions(misuses)}];
	const malformed = [${functions(malformed)}];

	export function load({ params: { whose, index }, tracing }) {
		if (whose === 'ours') {
			misuses[index](tracing.root);
			misuses[index](tracing.current);
		} else {
			const span = trace.getTracer('app').startSpan('of the app');
			malformed[index](span);
			if (span.isRecording()) span.end();
		}
	}
`;

describe.each(combinations)('%s: a span that is used wrongly', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({
			combination,
			overlays: ['api'],
			files: {
				'src/routes/misuse/[whose]/[index]/+page.server.js': ROUTE,
				'src/routes/misuse/[whose]/[index]/+page.svelte': '<p>served</p>'
			}
		});
	});

	test('fails no request, and is exported if it is one of SvelteKit’s', async () => {
		await using traced = await startTraced(app.build);
		for (const [index, code] of misuses.entries()) {
			const { response, tree } = await traced.trace(`/misuse/ours/${index}`);
			expect(response.status, code).toBe(200);
			const names = spansOf(tree).map(({ name }) => name);
			expect(names, code).toContain('sveltekit.resolve');
			expect(tree.span, code).toMatchObject({
				kind: 'SERVER',
				attributes: { 'http.response.status_code': 200 }
			});
		}
		expect(traced.server.stderr()).toMatch(
			/setStatus of a span was called with an invalid argument \(TypeError: .+\): it is ignored/
		);
		expect(traced.server.stderr()).not.toContain('collector');
	});

	test.each(['http/protobuf', 'http/json', 'grpc'])(
		'is lost without affecting others if the app has made it itself, over %s, and its tracer is logged',
		async (protocol) => {
			await using receiver = await startReceiver({ grpc: protocol === 'grpc' });
			await using traced = await startTraced(app.build, {
				env: {
					OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl || receiver.url,
					OTEL_EXPORTER_OTLP_PROTOCOL: protocol
				}
			});
			for (const [index, code] of malformed.entries()) {
				const response = await traced.server.fetch(`/misuse/app/${index}`);
				expect(response.status, code).toBe(200);
				await response.text();
			}
			await traced.server.stop();

			const servers = receiver.spans.filter(({ kind }) => kind === 'SERVER');
			expect(servers).toHaveLength(malformed.length);
			expect(receiver.spans.filter(({ scope }) => scope.name === 'app')).toEqual([]);
			const lines = traced.server.stderr().trim().split('\n').slice(1);
			expect(lines).toEqual([
				expect.stringMatching(
					/a span of the tracer "app" cannot be encoded \(.+\): it is dropped, the others are sent/
				),
				expect.stringContaining(`${malformed.length} spans lost in all`)
			]);
		}
	);
});
