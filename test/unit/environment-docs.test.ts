import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { type Variable, fallbackText } from '../../files/config/variable.ts';
import { OTLP_VARIABLES } from '../../files/config/variables-otlp.ts';
import { ALL_VARIABLES } from '../../files/config/list-variables.ts';
import { describeStart } from '../../files/diagnostics/startup-line.ts';
import { describeRules } from '../../files/traces/describe-rules.ts';
import { readEnvironment } from './support/read-environment.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** The rows of the tables below "Environment variables" of the manual. */
const manual = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const section = /^## Environment variables$.*/ms.exec(manual)?.[0] ?? '';
const rows = [...section.matchAll(/^\| `(OTEL_\w+)` *\|(.*)\|(.*)\|(.*)\|$/gm)].map(
	([, name = '', ...cells]) => {
		const [meaning = '', fallback = '', example = ''] = cells.map((cell) =>
			cell.trim().replace(/^`(.*)`$/, '$1')
		);
		return { name, meaning, fallback, example };
	}
);

// one sentence describes the variants for each signal
const documented: Variable<unknown>[] = Object.values({
	...ALL_VARIABLES,
	...Object.fromEntries(Object.entries(OTLP_VARIABLES).map(([key, { all }]) => [key, all]))
}) as Variable<unknown>[];

test('the manual lists every variable that is read, and no other', () => {
	expect(rows.map(({ name }) => name).sort()).toEqual(documented.map(({ name }) => name).sort());
});

test.each(documented.map((variable) => [variable.name, variable] as const))(
	'the manual has the meaning, the default and a valid example of %s',
	async (name, variable) => {
		const row = rows.find((each) => each.name === name)!;
		expect(row.meaning).not.toBe('');
		expect(row.fallback).toBe(fallbackText(variable));

		// files exist where they are deployed
		if (row.example.startsWith('/etc/')) return;
		const { lines } = await readEnvironment({ [name]: row.example.replace('…', 'key') });
		expect(lines).toEqual([]);
	}
);

test('all settings in the manual’s configuration file are supported', async () => {
	const [, yaml = ''] = /^```yaml\n(.*?)^```$/ms.exec(section) ?? [];
	const file = path.join(makeTempDir(), 'sdk.yaml');
	writeFileSync(file, yaml);
	const { settings, lines } = await readEnvironment({ OTEL_CONFIG_FILE: file });
	expect(lines).toEqual([]);
	expect(settings!.traces!.processors).toMatchObject([
		{ exporter: { url: 'http://localhost:4318/v1/traces' } }
	]);
});

test('the manual has all parts of the startup line, in their order', () => {
	const line = describeStart({
		service: 'shop',
		traces: { sampler: { name: 'always_on' }, exporters: [], propagators: [] },
		instrumentations: [],
		metrics: [],
		logs: [],
		more: [
			...describeRules({ keepErrors: true, keepSlowerThanMs: 1, sample: { '/a': 1 } }),
			'sampling follows /etc/otel/sampling.env'
		]
	});
	const [, written = ''] = /^ *(tracing SERVICE.*)$/m.exec(section) ?? [];
	const names = (text: string): string[] => text.split(/\]?\[?; /).map((part) => part.split(' ')[0]!);
	expect(names(written)).toEqual(names(line));
});
