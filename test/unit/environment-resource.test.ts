import { diag } from '@opentelemetry/api';
import { hostDetector } from '@opentelemetry/resources';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createResource } from '../../files/config/resource.ts';

afterEach(() => vi.restoreAllMocks());

const MANIFEST = {
	app: { name: 'shop', version: '2' },
	distro: { name: 'adapter-node-otel', version: '1' }
};

test('what the environment says wins over what is detected, and that over the package.json of the app', async () => {
	vi.spyOn(hostDetector, 'detect').mockReturnValue({
		attributes: { 'host.name': 'detected', 'service.name': 'detected', 'host.arch': 'detected' }
	});
	const { attributes } = await createResource(MANIFEST, {
		attributes: { 'host.name': 'said' },
		detectors: ['host']
	});
	expect(attributes).toMatchObject({
		'host.name': 'said',
		'host.arch': 'detected',
		'service.name': 'detected',
		'service.version': '2'
	});
});

test('a host without a machine id is not logged as an error', async () => {
	const warn = vi.fn<(message: string) => void>();
	diag.setLogger({ ...console, verbose: warn, warn }, { suppressOverrideMessage: true });
	onTestFinished(() => diag.disable());
	vi.spyOn(hostDetector, 'detect').mockReturnValue({
		attributes: { 'host.name': 'here', 'host.id': Promise.resolve(undefined) }
	});
	const { attributes } = await createResource(MANIFEST, { attributes: {}, detectors: ['host'] });
	expect(attributes).toMatchObject({ 'host.name': 'here' });
	expect(attributes).not.toHaveProperty('host.id');
	expect(warn).not.toHaveBeenCalledWith(expect.stringContaining('host.id'));
});

test('what is not found out in time is left out, and nothing waits for it any more', async () => {
	vi.spyOn(hostDetector, 'detect').mockReturnValue({
		attributes: { 'host.name': 'here', 'host.id': new Promise(() => {}) }
	});
	const resource = await createResource(MANIFEST, { attributes: { team: 'web' }, detectors: ['host'] });
	expect(resource.asyncAttributesPending).toBe(false);
	expect(resource.attributes).toMatchObject({
		'service.name': 'shop',
		'service.version': '2',
		'host.name': 'here',
		team: 'web'
	});
	expect(resource.attributes).not.toHaveProperty('host.id');
});
