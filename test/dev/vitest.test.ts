import { describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { copyApp } from '../support/app-copy.ts';
import { buildApp } from '../support/app.ts';
import { cleanEnv } from '../support/clean-env.ts';
import { exec } from '../support/exec.ts';
import { packageOf } from './vitest-bin.ts';

/** A test of an app that would see it if its runner was traced. */
const TEST = `
import { expect, test } from 'vitest';

test('is not traced', () => {
	expect(process.env.OTEL_SERVICE_NAME).toBeUndefined();
	expect(Symbol.for('adapter-node-otel') in globalThis).toBe(false);
});
`;

describe.each(combinations)('%s: the tests of an app', (combination) => {
	test('run without telemetry', async () => {
		const app = await buildApp({
			combination,
			packageJson: { devDependencies: { vitest: packageOf('vitest').version } }
		});
		await using copy = await copyApp(app);
		await copy.write('.env', 'OTEL_SERVICE_NAME=tested\nOTEL_TRACES_EXPORTER=console\n');
		await copy.write('src/app.test.js', TEST);
		const { code, stdout, stderr } = await exec(
			process.execPath,
			[packageOf('vitest', copy.dir).bin, 'run'],
			{
				cwd: copy.dir,
				env: { ...cleanEnv(), NO_COLOR: '1' },
				allowFailure: true
			}
		);
		expect(code, stdout + stderr).toBe(0);
		expect(stdout + stderr).toContain('1 passed');
		expect(stdout + stderr).not.toContain('adapter-node-otel: ');
	});
});
