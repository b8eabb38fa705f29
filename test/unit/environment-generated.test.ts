import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { afterEach, expect, test, vi } from 'vitest';
import { createPropagator } from '../../files/config/propagator.ts';
import { createResource } from '../../files/config/resource.ts';
import { createSampler } from '../../files/traces/sampler.ts';
import { matcher } from '../../files/config/pattern.ts';
import { listVariables } from '../../files/config/list-variables.ts';
import { createExports } from '../../files/traces/exports.ts';
import { describeStart } from '../../files/diagnostics/startup-line.ts';
import { decide } from '../../files/entry/switch.ts';
import { adversarialEnvironments } from '../support/adversarial-environment.ts';
import { readEnvironment } from './support/read-environment.ts';

const COUNT = 2000;
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

afterEach(() => vi.restoreAllMocks());

const buildManifest = {
	app: { name: 'app' },
	distro: { name: 'adapter-node-otel', version: '1' },
	envPrefix: '',
	defaults: {},
	instrumentations: []
};
const names: string[] = listVariables().map(({ name }) => name);

/** Does everything that happens before the first request; resolves with all logged lines. */
async function start(env: Record<string, string>): Promise<string[]> {
	const { message } = decide(env);
	const { settings, lines } = await readEnvironment(env);
	if (message) lines.unshift(message);
	if (!settings) return lines;

	const { traces } = settings;
	const { processors, exporters, close } = await createExports(traces?.processors ?? [], 'unit/1');
	await createPropagator(settings.propagators);
	const resource = await createResource(buildManifest, { ...settings.resource, detectors: [] });
	if (traces) {
		const sampler = createSampler(traces.sampler);
		sampler.shouldSample(ROOT_CONTEXT, '1'.repeat(32), 's', SpanKind.SERVER, {}, []);
	}
	matcher(settings.ignore)('/');
	expect(processors).toHaveLength(traces?.processors.length ?? 0);
	await close();
	const line = describeStart({
		service: String(resource.attributes['service.name']),
		...(traces && {
			traces: { sampler: traces.sampler, exporters, propagators: settings.propagators }
		}),
		instrumentations: []
	});
	return [...lines, line];
}

/** What is wrong with the logged lines of an environment, if anything. */
function findFault(lines: readonly string[], secrets: readonly string[]): string | undefined {
	const said = lines.join('\n');
	const shown = secrets.find((secret) => said.includes(secret));
	if (shown) return `shows the secret ${shown}:\n${said}`;

	const subjects = lines.slice(0, -1).map((line) => names.find((name) => line.startsWith(`${name} `)));
	const twice = subjects.find((name, index) => name && subjects.indexOf(name) < index);
	return twice && `says ${twice} twice:\n${said}`;
}

test(
	`any environment starts, logs at most one line for each variable, and no secret (SEED=${seed})`,
	{ timeout: 60_000 },
	async () => {
		vi.spyOn(process.stderr, 'write').mockReturnValue(true);
		for (const { env, secrets } of adversarialEnvironments(seed, COUNT)) {
			const lines = await start(env).catch((error: unknown) => {
				throw new Error(`${JSON.stringify(env)} does not start`, { cause: error });
			});
			const fault = findFault(lines, secrets);
			expect(fault && `${JSON.stringify(env)} ${fault}`).toBeUndefined();
		}
	}
);
