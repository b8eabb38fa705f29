import type { Adapter } from '@sveltejs/kit';
import { warnEarly } from './checks/early.ts';
import { requireAdapterNode } from './checks/adapter-node.ts';
import { traceEmulated } from './dev/emulate.ts';
import { traceDev } from './dev/plugin.ts';
import { wrapModules } from './kit/wrappers.ts';
import { runtimeTracing, withPlugins } from './kit/kit-3.ts';
import type { Libraries } from './instrumentation/libraries.ts';
import { externalizeLibraries } from './instrumentation/externalize.ts';
import type { AdapterOptions } from './options/options.ts';
import { toDefaults } from './options/to-defaults.ts';
import { importAdapterNode } from './project/adapter-node.ts';

export type { ServerInstrumentation } from './server-instrumentation.d.ts';
export type { AdapterOptions, TelemetryOptions } from './options/options.ts';

const adapterNode = await importAdapterNode();

/**
 * SvelteKit's adapter-node with OpenTelemetry traces, metrics and logs. The `OTEL_*` variables turn them on
 * and configure them when the server starts. If none is set, the server behaves as with adapter-node.
 *
 * @param options adapter-node's options, and `telemetry`
 * @throws {TypeError} for an invalid `telemetry` option
 * @throws {Error} if there is no adapter-node that matches the project's SvelteKit
 */
export default function adapter(options: AdapterOptions = {}): Adapter {
	warnEarly();
	const { telemetry, ...nodeOptions } = options;
	const defaults = toDefaults(telemetry);
	const base = requireAdapterNode(adapterNode)(nodeOptions);

	// SvelteKit 3 needs them long before it calls `adapt`
	let found: Promise<Libraries> | undefined;
	const find = (): Promise<Libraries> =>
		(found ??= import('./instrumentation/libraries.ts').then(({ findLibraries }) =>
			findLibraries(defaults.instrumentations)
		));
	const kit3 = base.vite && { wrapped: wrapModules(), externalized: externalizeLibraries(find) };
	const facts = { envPrefix: nodeOptions.envPrefix ?? '', defaults, find };

	return {
		...base,
		name: 'adapter-node-otel',
		...(base.vite &&
			kit3 && {
				vite: withPlugins(base.vite, {
					pre: [traceDev(facts)],
					post: [runtimeTracing(), kit3.wrapped.plugin, kit3.externalized.plugin]
				})
			}),
		...(!base.vite && {
			async emulate() {
				await traceEmulated(facts, nodeOptions.out ?? 'build');
				return base.emulate?.() ?? {};
			}
		}),
		async adapt(builder) {
			const out = nodeOptions.out ?? 'build';
			// loaded now, because the dev server never needs them
			const [{ warnAboutProject }, { observeInstrumentation }, { emit }] = await Promise.all([
				import('./checks/project.ts'),
				import('./kit/builder.ts'),
				import('./emit.ts')
			]);
			await warnAboutProject(builder);
			const observed = observeInstrumentation(builder, out);
			await base.adapt(observed.builder);
			await emit({
				builder,
				out,
				envPrefix: nodeOptions.envPrefix ?? '',
				defaults,
				libraries: await find(),
				externalized: kit3?.externalized,
				wrapped: kit3?.wrapped,
				instrumentation: observed.found
			});
		}
	};
}
