import { expect, test } from 'vitest';

import { describeLateStart } from '../../files/diagnostics/late-start.ts';

const late = {
	register: '/app/build/otel/register.js',
	cwd: '/app',
	isHandler: true,
	libraries: [],
	hasFile: false
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
	expect(describeLateStart({ ...late, libraries, isHandler: false, cwd: '/app/server' })).toBe(
		'express, pg had been loaded when telemetry started, so there will be no spans of them. Start telemetry first, by node --import ../build/otel/register.js'
	);
});
