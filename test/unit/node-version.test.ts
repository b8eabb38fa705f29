import { expect, test } from 'vitest';
import { OLDEST_NODE, decide } from '../../files/entry/switch.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { checkNode } from '../../src/checks/node.ts';

const wish = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };

test('the server and `engines` name the same oldest Node', () => {
	expect(packageJson.engines.node).toBe(`>=${OLDEST_NODE.join('.')}`);
});

test.each(['22.17.0', '22.18.1', '24.0.0', '26.10.0'])('Node %s is supported', (version) => {
	expect(decide(wish, false, version)).toEqual({ on: true, instrument: true });
	expect(checkNode(`v${version}`)).toBeUndefined();
});

test.each(['18.20.0', '20.19.9', '22.16.9'])(
	'Node %s is logged once, by the build and by the server',
	(version) => {
		expect(decide(wish, false, version)).toEqual({
			on: false,
			instrument: true,
			message: `off: Node ${version} cannot be traced, the server runs without telemetry. Use Node 22.17 or later`
		});
		expect(checkNode(`v${version}`)).toBe(
			`Node v${version} is not supported (expected >=22.17): the build continues, but on this version the server runs without telemetry. Use Node 22.17 or later`
		);
	}
);

test('an old Node logs nothing if telemetry is off anyway', () => {
	expect(decide({}, false, '20.0.0')).toEqual({ on: false, instrument: true });
});
