import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OPTION_VARIABLES } from '../../files/config/options.ts';
import { type Settings, readSettings } from '../../files/config/settings.ts';
import type { Variable } from '../../files/config/variable.ts';
import { toDefaults } from '../../src/options/to-defaults.ts';
import type { TelemetryOptions } from '../../src/options/options.ts';

interface Case<Name extends keyof TelemetryOptions> {
	option: TelemetryOptions[Name];
	/** A variable that overrides it, and another value than the option's. */
	env: Record<string, string>;
	/** Where the server finds it. */
	read(settings: Settings): unknown;
	ofOption: unknown;
	ofEnvironment: unknown;
}

/** Every option: the type refuses a table that leaves one out. */
const CASES: { [Name in keyof Omit<Required<TelemetryOptions>, 'instrumentations'>]: Case<Name> } = {
	serviceName: {
		option: 'built',
		env: { OTEL_SERVICE_NAME: 'deployed' },
		read: ({ resource }) => resource.attributes['service.name'],
		ofOption: 'built',
		ofEnvironment: 'deployed'
	},
	resourceAttributes: {
		option: { a: 1, b: 'built' },
		env: { OTEL_RESOURCE_ATTRIBUTES: 'b=deployed' },
		read: ({ resource }) => resource.attributes,
		ofOption: { a: 1, b: 'built' },
		ofEnvironment: { a: 1, b: 'deployed' }
	},
	publicEndpoint: {
		option: true,
		env: { OTEL_SVELTEKIT_PUBLIC_ENDPOINT: 'false' },
		read: ({ publicEndpoint }) => publicEndpoint,
		ofOption: true,
		ofEnvironment: false
	},
	ignore: {
		option: ['/built', /^\/x/],
		env: { OTEL_SVELTEKIT_IGNORE: '/deployed' },
		read: ({ ignore }) => ignore,
		ofOption: ['/built', { source: '^\\/x', flags: '' }],
		ofEnvironment: ['/deployed']
	},
	propagateTo: {
		option: ['built.example'],
		env: { OTEL_SVELTEKIT_PROPAGATE_TO: 'none' },
		read: ({ propagateTo }) => propagateTo,
		ofOption: ['built.example'],
		ofEnvironment: []
	},
	queryParameters: {
		option: true,
		env: { OTEL_SVELTEKIT_QUERY_PARAMETERS: 'page' },
		read: ({ queryParameters }) => queryParameters,
		ofOption: true,
		ofEnvironment: ['page']
	},
	serverTiming: {
		option: true,
		env: { OTEL_SVELTEKIT_SERVER_TIMING: 'false' },
		read: ({ serverTiming }) => serverTiming,
		ofOption: true,
		ofEnvironment: false
	},
	keepErrors: {
		option: true,
		env: { OTEL_SVELTEKIT_KEEP_ERRORS: 'false' },
		read: ({ keepErrors }) => keepErrors,
		ofOption: true,
		ofEnvironment: false
	},
	keepSlowerThanMs: {
		option: 1000,
		env: { OTEL_SVELTEKIT_KEEP_SLOWER_THAN: '2000' },
		read: ({ keepSlowerThanMs }) => keepSlowerThanMs,
		ofOption: 1000,
		ofEnvironment: 2000
	},
	sample: {
		option: { '/built/**': 0.5, '/^\\/x/': 0 },
		env: { OTEL_SVELTEKIT_SAMPLE: '/deployed/**:1' },
		read: ({ sample }) => sample,
		ofOption: { '/built/**': 0.5, '/^\\/x/': 0 },
		ofEnvironment: { '/deployed/**': 1 }
	},
	measureFiles: {
		option: true,
		env: { OTEL_SVELTEKIT_MEASURE_FILES: 'false' },
		read: ({ measureFiles }) => measureFiles,
		ofOption: true,
		ofEnvironment: false
	},
	logSeverity: {
		option: 'error',
		env: { OTEL_SVELTEKIT_LOG_SEVERITY: 'warn' },
		read: ({ logSeverity }) => logSeverity,
		ofOption: 'error',
		ofEnvironment: 'warn'
	},
	logBodyLimit: {
		option: 1000,
		env: { OTEL_SVELTEKIT_LOG_BODY_LIMIT: '2000' },
		read: ({ logBodyLimit }) => logBodyLimit,
		ofOption: 1000,
		ofEnvironment: 2000
	},
	shutdownTimeoutMs: {
		option: 1000,
		env: { OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT: '2000' },
		read: ({ shutdownTimeoutMs }) => shutdownTimeoutMs,
		ofOption: 1000,
		ofEnvironment: 2000
	}
};

test.each(Object.entries(OPTION_VARIABLES) as [keyof typeof OPTION_VARIABLES, Variable<unknown>][])(
	'a blank variable says the value of the option %s so that the variable would be read as it',
	async (name, { name: variable, parse }) => {
		const { option, ofOption } = CASES[name];
		const lines: string[] = [];
		const tell = (line: string): void => void lines.push(line);
		await readSettings(toDefaults({ [name]: option }), { [variable]: ' ' }, tell);
		expect(lines).toHaveLength(1);
		const [, used = ''] = /^OTEL_\w+ is blank: (.*) is used\. Expected /.exec(lines[0]!) ?? [];
		expect(parse(used)).toEqual(ofOption);
	}
);

test('an option without a pattern is written as none', async () => {
	const lines: string[] = [];
	const env = { OTEL_SVELTEKIT_SAMPLE: '', OTEL_SVELTEKIT_IGNORE: '' };
	await readSettings(toDefaults({ sample: {}, ignore: [] }), env, (line) => void lines.push(line));
	expect(lines).toEqual([
		expect.stringContaining('OTEL_SVELTEKIT_IGNORE is blank: none is used'),
		expect.stringContaining('OTEL_SVELTEKIT_SAMPLE is blank: none is used')
	]);
});

describe.each(Object.entries(CASES))('the option %s', (name, { option, env, ...expected }) => {
	const read = async (environment: NodeJS.ProcessEnv): Promise<unknown> => {
		const lines: string[] = [];
		const tell = (line: string): void => void lines.push(line);
		const settings = await readSettings(toDefaults({ [name]: option }), environment, tell);
		expect(lines).toEqual([]);
		return expected.read(settings!);
	};

	test('is what the server uses', async () => {
		expect(await read({})).toEqual(expected.ofOption);
	});

	test('is overridden by its variable', async () => {
		expect(await read(env)).toEqual(expected.ofEnvironment);
	});
});

test('the manual lists every option with its variable', () => {
	const manual = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
	const rows = new Map(
		[...manual.matchAll(/^\| `(\w+)` *\| (`OTEL_\w+`.*?) *\|/gm)].map(([, name, variables]) => [
			name!,
			variables!.replaceAll('`', '').split(', ')
		])
	);
	expect([...rows.keys()].sort()).toEqual([...Object.keys(CASES), 'instrumentations'].sort());
	for (const [name, variable] of Object.entries(OPTION_VARIABLES))
		expect(rows.get(name)).toEqual([variable.name]);
});
