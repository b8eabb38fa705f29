import { describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { buildApp } from '../support/app.ts';
import { copyApp } from '../support/app-copy.ts';
import { sendRandomRequests, hashIn, namesOf } from '../support/random-requests.ts';
import { startVite } from '../support/vite-server.ts';

const REQUESTS = 200;

describe.each(['kit-2', 'kit-3'] as const)('%s', (combination) => {
	test.each(['dev', 'preview'] as const)(
		'names in vite %s are those of the build, for any request',
		async (command) => {
			const app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
			await using receiver = await startReceiver();
			await using copy = await copyApp(app);
			await copy.write('.env', `OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}\nOTEL_BSP_SCHEDULE_DELAY=20\n`);
			await using server = await startVite(copy.dir, command);
			const hash = hashIn(await (await server.fetch('/remote')).text());
			await sendRandomRequests(server, REQUESTS, hash);
			await (await server.fetch('/')).text();
			await receiver.waitForTrace(({ name }) => name === 'GET /');

			const names = (await namesOf(app.dir)).add('vite.transform');
			const unexpected = receiver.spans.map(({ name }) => name).filter((name) => !names.has(name));
			expect([...new Set(unexpected)], server.output()).toEqual([]);
			// the preview of SvelteKit 2 has what SvelteKit has built alone
			const hasOurs = command === 'dev' || combination === 'kit-3';
			expect(receiver.spans.some(({ name }) => name === 'sveltekit.render')).toBe(hasOurs);
			const servers = receiver.spans.filter(({ kind }) => kind === 'SERVER');
			// some of them Vite answers itself
			expect(servers.length).toBeGreaterThan(REQUESTS * 0.5);
		}
	);
});
