import { expect, test, vi } from 'vitest';
import { logStart } from '../../files/start/log-start.ts';
import { captureStderr } from './support/stderr.ts';

captureStderr();

const load = vi.hoisted(() => vi.fn<() => void>());

vi.mock('../../files/diagnostics/signals-off.ts', () => {
	load();
	return { logSignalsOff: () => {} };
});

const ON = { exporters: [] };

const start = (signals: object): Promise<void> =>
	logStart(
		{ metrics: ON, logs: ON, ...signals } as never,
		{ names: [], alreadyLoaded: [] },
		{
			app: {},
			buildManifest: {},
			resource: { attributes: {} },
			settings: { propagators: [] }
		} as never,
		true
	);

test('the code for signals that are off is loaded only if one is off', async () => {
	const traces = { exporters: [], sampler: 'always_on', rules: [] };
	await start({ traces });
	expect(load).not.toHaveBeenCalled();
	await start({ traces, logs: undefined });
	expect(load).toHaveBeenCalled();
});
