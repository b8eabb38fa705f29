import { type Attributes, type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { RequestContext } from '../../files/http/request-context.ts';
import type { TracedRequest } from '../../files/http/traced-request.ts';
import { createReadRoute } from '../../files/kit/read-route.ts';
import { ROOT } from '../../files/sdk/kit-names.ts';

test('the route is read without traces, also if only the root span tells that SvelteKit has got the request', async () => {
	const calls: string[] = [];
	const request = {
		awaitsKit: true,
		isInKit: false,
		enterKit: (active: Context) => ((request.isInKit = true), calls.push('enterKit'), active),
		startRoot: ({ 'http.route': route }: Attributes) => calls.push(`startRoot ${String(route)}`)
	};
	const active = new RequestContext(ROOT_CONTEXT, request as unknown as TracedRequest, undefined);
	const recordSpan = createReadRoute({
		contextManager: { active: () => active }
	} as unknown as Parameters<typeof createReadRoute>[0]);

	const attributes = { 'http.route': '/blog/[slug]' };
	expect(await recordSpan({ name: ROOT, attributes, fn: async () => 'answer' })).toBe('answer');
	expect(calls).toEqual(['enterKit', 'startRoot /blog/[slug]']);

	await recordSpan({ name: 'sveltekit.load', attributes: {}, fn: async () => '' });
	await recordSpan({ name: ROOT, attributes: { 'sveltekit.is_sub_request': true }, fn: async () => '' });
	expect(calls).toHaveLength(2);
});
