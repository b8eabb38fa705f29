import { hostDetector } from '@opentelemetry/resources';
import { afterEach, expect, test, vi } from 'vitest';
import { createResource } from '../../files/config/resource.ts';

afterEach(() => vi.restoreAllMocks());

test('what is not found out in time is left out, and nothing waits for it any more', async () => {
	vi.spyOn(hostDetector, 'detect').mockReturnValue({
		attributes: { 'host.name': 'here', 'host.id': new Promise(() => {}) }
	});
	const resource = await createResource(
		{
			app: { name: 'shop', version: '2' },
			distro: { name: 'adapter-node-otel', version: '1' }
		},
		{ attributes: { team: 'web' }, detectors: ['host'] }
	);
	expect(resource.asyncAttributesPending).toBe(false);
	expect(resource.attributes).toMatchObject({
		'service.name': 'shop',
		'service.version': '2',
		'host.name': 'here',
		team: 'web'
	});
	expect(resource.attributes).not.toHaveProperty('host.id');
});
