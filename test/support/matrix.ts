/** One set of versions that are used together, all exact. */
export interface Combination {
	/** Which configuration file and which API the app has. */
	generation: 2 | 3;
	kit: string;
	adapterNode: string;
	svelte: string;
	vite: string;
	vitePluginSvelte: string;
	/**
	 * Before 2.33 Kit compiles its spans in for `experimental.instrumentation.server`, not for
	 * `experimental.tracing.server`.
	 */
	tracingFlag?: 'instrumentation';
	/**
	 * Whether the app is laid over what `sv create` makes, with all options in `vite.config.ts`: the default that
	 * users have.
	 */
	isCreated?: true;
	/** The overlay with remote functions in this Kit's API. */
	remoteOverlay: 'remote' | 'remote-2.31';
}

/**
 * The combinations that are supported, the only place that names them: tests run over this table, and the
 * manual's table is checked against it. The oldest Kit of a generation has the tools of its time, the newest
 * those of today.
 */
export const matrix = {
	'kit-2-oldest': {
		generation: 2,
		kit: '2.31.0',
		adapterNode: '5.3.1',
		svelte: '5.38.10',
		vite: '7.1.12',
		vitePluginSvelte: '6.1.4',
		tracingFlag: 'instrumentation',
		remoteOverlay: 'remote-2.31'
	},
	'kit-2': {
		generation: 2,
		kit: '2.70.4',
		adapterNode: '5.5.7',
		svelte: '5.57.3',
		vite: '8.3.8',
		vitePluginSvelte: '7.3.1',
		isCreated: true,
		remoteOverlay: 'remote'
	},
	'kit-3-oldest': {
		generation: 3,
		kit: '3.0.0',
		adapterNode: '6.0.0',
		svelte: '5.57.1',
		vite: '8.3.8',
		vitePluginSvelte: '7.3.1',
		remoteOverlay: 'remote'
	},
	'kit-3': {
		generation: 3,
		kit: '3.2.0',
		adapterNode: '6.0.1',
		svelte: '5.57.3',
		vite: '8.3.8',
		vitePluginSvelte: '7.3.1',
		remoteOverlay: 'remote'
	}
} as const satisfies Record<string, Combination>;

/** The name of a combination. */
export type CombinationId = keyof typeof matrix;

/** Every combination, in order of age. */
export const combinations = Object.keys(matrix) as CombinationId[];
