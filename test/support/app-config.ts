import type { Combination } from './matrix.ts';

/** The adapters that an app can be built with. */
export type AdapterName = 'adapter-node-otel' | '@sveltejs/adapter-node';

/** What goes into an app's configuration file. */
export interface AppConfig {
	adapter: AdapterName;
	/** Options for the adapter; as a text it is source code, for what JSON cannot say. */
	adapterOptions?: Record<string, unknown> | string;
	/** Kit's options, in the shape that both generations share: below `kit` in Kit 2, at the top in Kit 3. */
	kit?: Record<string, unknown>;
	/** Options of the Svelte compiler. */
	compilerOptions?: Record<string, unknown>;
	/**
	 * Kit 2: `experimental.tracing.server`, and what else that Kit needs for its spans.
	 *
	 * @default true with `adapter-node-otel` on Kit 2
	 */
	tracing?: boolean;
	/**
	 * Kit 2: the file that contains all of this.
	 *
	 * @default what the combination has
	 */
	optionsIn?: 'vite.config.ts' | 'svelte.config.js';
}

/**
 * Writes the configuration files as each generation has them: path and text.
 *
 * @param created the `vite.config.ts` that `sv create` makes, where the options go into that
 */
export function configFiles(
	{ generation, tracingFlag }: Pick<Combination, 'generation' | 'tracingFlag'>,
	config: AppConfig,
	created?: string
): Record<string, string> {
	const { adapter, adapterOptions = {}, compilerOptions } = config;
	const options = typeof adapterOptions === 'string' ? adapterOptions : JSON.stringify(adapterOptions);
	const importAdapter = `import adapter from '${adapter}';`;
	const importKit = `import { sveltekit } from '@sveltejs/kit/vite';`;

	if (generation === 3) {
		const rest = spread({ ...config.kit, ...(compilerOptions && { compilerOptions }) });
		return {
			'vite.config.js': `${importAdapter}\n${importKit}\n\nexport default {\n\tplugins: [sveltekit({ adapter: adapter(${options}), ${rest} })]\n};\n`
		};
	}

	const { tracing = adapter === 'adapter-node-otel' } = config;
	const on = { server: true };
	const flags = { tracing: on, ...(tracingFlag && { [tracingFlag]: on }) };
	const kit = spread(merge(tracing ? { experimental: flags } : {}, config.kit ?? {}));
	if (created) {
		return {
			'vite.config.ts': replaceAll(created, {
				'@sveltejs/adapter-auto': adapter,
				'adapter: adapter()': `adapter: adapter(${options}), ${kit}`,
				'compilerOptions: {': [
					'compilerOptions: {',
					...entries(compilerOptions ?? {}).map((each) => `${each},`)
				].join('\n')
			})
		};
	}
	const rest = spread(compilerOptions ? { compilerOptions } : {});
	return {
		'vite.config.js': `${importKit}\n\nexport default { plugins: [sveltekit()] };\n`,
		'svelte.config.js': `${importAdapter}\n\nexport default {\n\tkit: { adapter: adapter(${options}), ${kit} },\n\t${rest}\n};\n`
	};
}

function replaceAll(text: string, replacements: Record<string, string>): string {
	return Object.entries(replacements).reduce((result, [from, to]) => {
		if (!result.includes(from)) throw new Error(`\`sv create\` has written no ${from}:\n${text}`);
		return result.replace(from, () => to);
	}, text);
}

/** Merges plain objects, the later wins. */
export function merge(
	first: Record<string, unknown>,
	second: Record<string, unknown>
): Record<string, unknown> {
	const merged = { ...first };
	for (const [key, value] of Object.entries(second)) {
		const known = merged[key];
		merged[key] = isObject(known) && isObject(value) ? merge(known, value) : value;
	}
	return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const spread = (value: Record<string, unknown>): string => entries(value).join(', ');

const entries = (value: Record<string, unknown>): string[] =>
	Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${JSON.stringify(entry)}`);
