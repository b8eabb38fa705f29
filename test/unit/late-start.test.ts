import { expect, test } from 'vitest';

import { describeLateStart } from '../../files/diagnostics/late-start.ts';
import { registerPath } from '../../files/diagnostics/register-path.ts';

const late = {
	register: './build/otel/register.js',
	isHandler: true,
	libraries: [],
	hasFile: false,
	isVite: false
};

test('what was too early to be traced is logged in one message, with one remedy', () => {
	const alone = describeLateStart(late);
	expect(alone).toMatch(
		/^tracing begins at `handler`.* before\. Start it with node --import \.\/build\/otel\/register\.js$/
	);
	const libraries = ['express', 'pg'];
	expect(describeLateStart({ ...late, libraries })).toBe(alone.replace('before. ', 'before (express, pg). '));
	expect(describeLateStart({ ...late, libraries, hasFile: true })).toMatch(
		/, and do not import them in src\/instrumentation\.server$/
	);
	expect(
		describeLateStart({ ...late, libraries, isHandler: false, register: './dist/otel/register.js' })
	).toBe(
		'express, pg had been loaded when telemetry started, so there will be no spans of them. Start telemetry first, by node --import ./dist/otel/register.js'
	);
});

test.each([
	['/app', '/app/build/otel/register.js', './build/otel/register.js'],
	['/app', '/app/dist/otel/register.js', './dist/otel/register.js'],
	['/app/server', '/app/build/otel/register.js', '../build/otel/register.js']
])('in %s, %s is %s', (cwd, register, path) => {
	expect(registerPath(cwd, register)).toBe(path);
});

test.each([
	[false, ''],
	[true, ' or in src/instrumentation.server']
])('in Vite the remedy is one that starts Vite; with an instrumentation file: %s', (hasFile, more) => {
	expect(describeLateStart({ ...late, isHandler: false, libraries: ['pg'], hasFile, isVite: true })).toBe(
		`pg had been loaded when telemetry started, so there will be no spans of them. Stop Vite and start it with an OTEL_ variable, in .env for example, and do not import them in the Vite configuration${more}`
	);
});
