import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { outline } from '../otlp/outline.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { packApi } from '../support/api-package.ts';
import { type App, type AppOptions, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { combinations, isWholeMatrix } from './combinations.ts';

const route = 'src/routes/custom-span/+page.server.js';

/** A page that can be built with a newer API alone. */
const newerPage = `import { onlyInNewer, trace } from '@opentelemetry/api';

export function load() {
	return trace.getTracer('app').startActiveSpan('custom', (span) => {
		trace.getTracer('app').startSpan(\`custom.\${onlyInNewer}\`).end();
		span.end();
		return { isActive: trace.getActiveSpan() === span };
	});
}
`;

interface Case {
	title: string;
	/** The field of package.json: adapter-node bundles development dependencies. */
	field: 'dependencies' | 'devDependencies';
	version: () => Promise<string>;
	files?: AppOptions['files'];
	child: string;
	placed: RegExp;
}

const older = async (): Promise<string> => '1.9.1';
const newer = (): Promise<string> => packApi('1.99.0');

const cases: Case[] = [
	{
		title: 'an older one',
		field: 'devDependencies',
		version: older,
		child: 'custom.child',
		placed: /^1\.1\d/
	},
	{ title: 'an older one', field: 'dependencies', version: older, child: 'custom.child', placed: /^1\.1\d/ },
	{
		title: 'a newer one with more exports',
		field: 'devDependencies',
		version: newer,
		files: { [route]: newerPage },
		child: 'custom.yes',
		placed: /^1\.99\.0$/
	},
	{
		title: 'a newer one with more exports',
		field: 'dependencies',
		version: newer,
		files: { [route]: newerPage },
		child: 'custom.yes',
		placed: /^1\.99\.0$/
	}
];

async function expectCustomSpans(app: App, child: string): Promise<void> {
	await using receiver = await startReceiver();
	await using server = await startServer(app.build, {
		env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
	});
	expect((await server.fetch('/custom-span')).status).toBe(200);
	const tree = await receiver.waitForTrace(({ kind }) => kind === 'SERVER');
	expect(JSON.stringify(outline(tree))).toContain(
		JSON.stringify(['sveltekit.load custom-span/+page.server.js', [['custom', [child]]]])
	);
}

describe.each(combinations)("%s: the app's own @opentelemetry/api", (combination) => {
	// one of each is enough to see on every run
	const seen = isWholeMatrix ? cases : cases.filter(({ field }) => field === 'devDependencies');

	test.each(seen)(
		'works with ours: $title, in $field',
		async ({ field, version, files = {}, child, placed }) => {
			const app = await buildApp({
				combination,
				overlays: ['api'],
				files,
				packageJson: { [field]: { '@opentelemetry/api': await version() } }
			});
			expect(app.log).not.toContain('adapter-node-otel:');
			const [, inOutput] = /^\/\*! @opentelemetry\/api (\S+) \*\//.exec(
				await readFile(join(app.build, 'otel/api.js'), 'utf8')
			)!;
			expect(inOutput).toMatch(placed);
			await expectCustomSpans(app, child);
		}
	);
});
