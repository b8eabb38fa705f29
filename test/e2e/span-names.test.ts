import { beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { remoteClient } from '../support/remote.ts';
import { sendRandomRequests, namesOf } from '../support/random-requests.ts';
import { startTraced } from '../support/traced-server.ts';

const REQUESTS = 400;

describe.each(['kit-2', 'kit-3'] as const)('%s: names of spans', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
	});

	test(`depend only on the build, after ${REQUESTS} random requests`, async () => {
		await using traced = await startTraced(app.build);
		const { server, receiver } = traced;
		const remote = await remoteClient(server, '/remote', matrix[combination].generation);
		await remote.query('getPost', '1');
		const names = await namesOf(app.dir);
		await sendRandomRequests({ url: server.origin, fetch: server.fetch }, REQUESTS, remote.hash);
		await traced.trace('/');
		const unexpected = receiver.spans.map(({ name }) => name).filter((name) => !names.has(name));
		expect([...new Set(unexpected)]).toEqual([]);
		// nothing was left out either
		expect(receiver.spans.filter(({ kind }) => kind === 'SERVER').length).toBeGreaterThan(REQUESTS * 0.9);
	});
});
