import type { AppOptions } from '../support/app.ts';
import type { CombinationId } from '../support/matrix.ts';

/** One way to run the app. All variants of a group are measured alternately, and compared with its `plain`. */
export interface Variant {
	id: string;
	/** The name in the tables. */
	title: string;
	group: GroupId;
	app: AppOptions;
	env?: Record<string, string>;
	/** Node's options. */
	execArgv?: readonly string[];
	/** Whether telemetry is on. */
	traced?: boolean;
	/** The share of the requests that is traced. */
	ratio?: number;
	/** Part of `--quick`. */
	quick?: boolean;
}

/** The variants of a group have the same app and the same SvelteKit. */
export type GroupId = 'kit-3' | 'kit-2' | 'others' | 'routes-10' | 'routes-100' | 'routes-1000';

/**
 * Every group: the table's caption, and the rounds. Two processes of the same program differ by several percent, so
 * small differences need many rounds.
 */
export const groups: Record<GroupId, { title: string; rounds: number }> = {
	'kit-3': { title: 'SvelteKit 3', rounds: 8 },
	'kit-2': { title: 'SvelteKit 2', rounds: 4 },
	others: { title: 'SvelteKit 3, other ways', rounds: 3 },
	'routes-10': { title: 'SvelteKit 3, 10 routes more', rounds: 3 },
	'routes-100': { title: 'SvelteKit 3, 100 routes more', rounds: 3 },
	'routes-1000': { title: 'SvelteKit 3, 1000 routes more', rounds: 3 }
};

/** The ids of the app with plain adapter-node, and of the same again, for the noise. */
export const PLAIN = 'plain';
export const NOISE = 'plain-again';

/** The endpoint is set when the collector listens. */
const on = (ratio: number): Record<string, string> => ({
	OTEL_EXPORTER_OTLP_ENDPOINT: '',
	OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
	OTEL_TRACES_SAMPLER_ARG: String(ratio),
	// the SDK's own set-up exports these by default, ours does not
	OTEL_METRICS_EXPORTER: 'none',
	OTEL_LOGS_EXPORTER: 'none'
});

/** Nothing listens on the discard port. */
const absent = { ...on(1), OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
const disabled = { OTEL_SDK_DISABLED: 'true' };

/** The newest versions that share one SDK. */
const SDK = '0.300.0';
const recipePackages = {
	'@opentelemetry/api': '1.10.0',
	'@opentelemetry/sdk-node': SDK,
	'@opentelemetry/auto-instrumentations-node': '0.82.0',
	'@opentelemetry/exporter-trace-otlp-proto': SDK,
	'import-in-the-middle': '3.6.0'
};

/** As https://svelte.dev/docs/kit/observability has it. */
const recipeInstrumentation = `
import { NodeSDK } from '@opentelemetry/sdk-node';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { createAddHookMessageChannel } from 'import-in-the-middle';
import { register } from 'node:module';

const { registerOptions } = createAddHookMessageChannel();
register('import-in-the-middle/hook.mjs', import.meta.url, registerOptions);

const sdk = new NodeSDK({
	serviceName: 'basic-app',
	traceExporter: new OTLPTraceExporter(),
	instrumentations: [getNodeAutoInstrumentations()]
});

sdk.start();
`;

const tracing = { tracing: { server: true } };
const plainAdapter = '@sveltejs/adapter-node' as const;

const plain = (combination: CombinationId): AppOptions => ({ combination, adapter: plainAdapter });
const ours = (combination: CombinationId): AppOptions => ({ combination, adapter: 'adapter-node-otel' });

const recipe: AppOptions = {
	...plain('kit-3'),
	kit: tracing,
	packageJson: { dependencies: recipePackages },
	files: { 'src/instrumentation.server.js': recipeInstrumentation }
};

/** The cost of SvelteKit's own tracing code, with the API and no SDK. */
const kitAlone: AppOptions = {
	...plain('kit-3'),
	kit: tracing,
	packageJson: { dependencies: { '@opentelemetry/api': recipePackages['@opentelemetry/api'] } }
};

/** The cost of the SDK: the recipe without instrumentations. */
const bareSdk: AppOptions = {
	...plain('kit-3'),
	kit: tracing,
	packageJson: {
		dependencies: {
			'@opentelemetry/api': recipePackages['@opentelemetry/api'],
			'@opentelemetry/sdk-node': SDK,
			'@opentelemetry/exporter-trace-otlp-proto': SDK
		}
	},
	files: {
		'src/instrumentation.server.js': `
import { NodeSDK } from '@opentelemetry/sdk-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';

new NodeSDK({ serviceName: 'basic-app', traceExporter: new OTLPTraceExporter() }).start();
`
	}
};

const register: AppOptions = {
	...plain('kit-3'),
	kit: tracing,
	packageJson: { dependencies: recipePackages }
};

const sentry: AppOptions = {
	...plain('kit-3'),
	kit: tracing,
	packageJson: { dependencies: { '@sentry/sveltekit': '10.75.2' } },
	files: {
		'src/instrumentation.server.js': `
import * as Sentry from '@sentry/sveltekit';

Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: Number(process.env.OTEL_TRACES_SAMPLER_ARG) });
`,
		'src/hooks.server.js': `
import { handleErrorWithSentry, sentryHandle } from '@sentry/sveltekit';
import { sequence } from '@sveltejs/kit/hooks';

const first = async ({ event, resolve }) => resolve(event);
const second = async ({ event, resolve }) => resolve(event);

export const handle = sequence(sentryHandle(), first, second);
export const handleError = handleErrorWithSentry();
`
	}
};

/** The app with more routes than it needs. */
function withRoutes(options: AppOptions, count: number): AppOptions {
	const files: Record<string, string> = {};
	for (let index = 0; index < count; index++) {
		files[`src/routes/more/${index}/[id]/+page.server.js`] = 'export const load = ({ params }) => params;\n';
		files[`src/routes/more/${index}/[id]/+page.svelte`] = `<p>${index}</p>\n`;
	}
	return { ...options, files };
}

const routes = (count: 10 | 100 | 1000): Variant[] => {
	const group: GroupId = `routes-${count}`;
	return [
		{ id: PLAIN, title: 'adapter-node, no tracing', group, app: withRoutes(plain('kit-3'), count) },
		{
			id: 'ours-1',
			title: 'adapter-node-otel, ratio 1',
			group,
			app: withRoutes(ours('kit-3'), count),
			env: on(1),
			ratio: 1
		}
	];
};

const kit = (group: 'kit-3' | 'kit-2'): Variant[] => [
	{ id: PLAIN, title: 'adapter-node, no tracing', group, app: plain(group), quick: true },
	{ id: NOISE, title: 'the same again: noise', group, app: plain(group), quick: true },
	{ id: 'ours-off', title: 'adapter-node-otel, off', group, app: ours(group), quick: true },
	{ id: 'ours-0', title: 'adapter-node-otel, ratio 0', group, app: ours(group), env: on(0), ratio: 0 },
	{
		id: 'ours-0.01',
		title: 'adapter-node-otel, ratio 0.01',
		group,
		app: ours(group),
		env: on(0.01),
		ratio: 0.01,
		quick: true
	},
	{
		id: 'ours-1',
		title: 'adapter-node-otel, ratio 1',
		group,
		app: ours(group),
		env: on(1),
		ratio: 1,
		quick: true
	},
	{
		id: 'ours-0.01-kept',
		title: 'adapter-node-otel, ratio 0.01, errors and slow requests kept',
		group,
		app: ours(group),
		env: {
			...on(0.01),
			OTEL_SVELTEKIT_KEEP_ERRORS: 'true',
			OTEL_SVELTEKIT_KEEP_SLOWER_THAN: '60000'
		},
		ratio: 0.01
	},
	{
		id: 'ours-metrics',
		title: 'adapter-node-otel, metrics alone',
		group,
		app: ours(group),
		env: { ...on(1), OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'otlp' }
	},
	{
		id: 'ours-0.01-metrics',
		title: 'adapter-node-otel, ratio 0.01, with metrics',
		group,
		app: ours(group),
		env: { ...on(0.01), OTEL_METRICS_EXPORTER: 'otlp' },
		ratio: 0.01
	},
	{
		id: 'ours-1-logs',
		title: 'adapter-node-otel, ratio 1, logs on (the page prints nothing)',
		group,
		app: ours(group),
		env: { ...on(1), OTEL_LOGS_EXPORTER: 'otlp' },
		ratio: 1
	}
];

/** The rows that other packages are compared with. */
const compared = kit('kit-3')
	.filter(({ id }) => [PLAIN, NOISE, 'ours-0.01', 'ours-1'].includes(id))
	.map((variant): Variant => ({ ...variant, group: 'others' }));

/** All variants. */
export const variants: readonly Variant[] = [
	...kit('kit-3'),
	...kit('kit-2'),
	...compared,
	{
		id: 'ours-0.1',
		title: 'adapter-node-otel, ratio 0.1',
		group: 'others',
		app: ours('kit-3'),
		env: on(0.1),
		ratio: 0.1
	},
	...([0.01, 1] as const).map((ratio): Variant => ({
		id: `ours-${ratio}-preloaded`,
		title: `adapter-node-otel, ratio ${ratio}, preloaded with \`--import\` as for a custom server`,
		group: 'others',
		app: ours('kit-3'),
		env: on(ratio),
		execArgv: ['--import', './build/otel/register.js'],
		ratio
	})),
	{
		id: 'ours-absent',
		title: 'adapter-node-otel, ratio 1, no collector',
		group: 'others',
		app: ours('kit-3'),
		env: absent
	},
	{ id: 'kit-alone', title: "SvelteKit's spans alone, no SDK", group: 'others', app: kitAlone },
	{ id: 'sdk-0', title: 'the bare SDK, ratio 0', group: 'others', app: bareSdk, env: on(0), ratio: 0 },
	{ id: 'sdk-1', title: 'the bare SDK, ratio 1', group: 'others', app: bareSdk, env: on(1), ratio: 1 },
	{
		id: 'recipe-off',
		title: 'recipe, `OTEL_SDK_DISABLED=true`',
		group: 'others',
		app: recipe,
		env: disabled
	},
	{
		id: 'recipe-0.01',
		title: 'recipe, ratio 0.01',
		group: 'others',
		app: recipe,
		env: on(0.01),
		ratio: 0.01
	},
	{ id: 'recipe-0.1', title: 'recipe, ratio 0.1', group: 'others', app: recipe, env: on(0.1), ratio: 0.1 },
	{ id: 'recipe-1', title: 'recipe, ratio 1', group: 'others', app: recipe, env: on(1), ratio: 1 },
	{ id: 'recipe-absent', title: 'recipe, ratio 1, no collector', group: 'others', app: recipe, env: absent },
	{
		id: 'register-1',
		title: '`auto-instrumentations-node/register`, ratio 1',
		group: 'others',
		app: register,
		env: on(1),
		execArgv: ['--import', '@opentelemetry/auto-instrumentations-node/register'],
		ratio: 1
	},
	{
		id: 'sentry-1',
		title: 'Sentry for SvelteKit, ratio 1',
		group: 'others',
		app: sentry,
		env: { OTEL_TRACES_SAMPLER_ARG: '1', SENTRY_DSN: '' }
	},
	...routes(10),
	...routes(100),
	...routes(1000)
];
