import { diag } from '@opentelemetry/api';
import { hostDetector } from '@opentelemetry/resources';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { createResource } from '../../files/config/resource.ts';

afterEach(() => vi.restoreAllMocks());

const MANIFEST = {
	app: { name: 'shop', version: '2' },
	distro: { name: 'adapter-node-otel', version: '1' }
};

test('the environment has precedence over detected attributes, and those over the app’s package.json', async () => {
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

test('attributes that are not detected in time are omitted, and nothing waits for them later', async () => {
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
