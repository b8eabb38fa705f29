import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import addOn from '../../src/sv/add-on.ts';

const { platform } = process;
const setPlatform = (value: NodeJS.Platform): unknown =>
	Object.defineProperty(process, 'platform', { value });

afterEach(() => setPlatform(platform));

test.each<[NodeJS.Platform, start: string]>([
	['linux', 'OTEL_TRACES_EXPORTER=console node build'],
	['win32', 'put OTEL_TRACES_EXPORTER=console into .env, and node --env-file=.env build']
])('the last step is one that a shell of %s can run', (value, start) => {
	setPlatform(value);
	const steps = addOn.nextSteps!({ packageManager: 'npm' } as never);
	expect(stripVTControlCharacters(steps.at(-1)!)).toBe(
		`npm run build, then ${start} traces the production server`
	);
});
