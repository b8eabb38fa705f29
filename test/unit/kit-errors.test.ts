import { expect, test } from 'vitest';
import { expectedStatusOf, messageOf } from '../../files/kit/kit-errors.ts';

test.each([
	[{ status: 404, body: { message: 'Not here' } }, 404, 'Not here'],
	[{ status: 503, body: { message: 'Later' } }, undefined, 'Later'],
	[
		Object.assign(new Error('Validation failed'), { issues: [], remote: undefined }),
		400,
		'Validation failed'
	],
	[Object.assign(new Error('of another library'), { issues: [] }), undefined, 'of another library'],
	[new Error('unexpected'), undefined, 'unexpected'],
	['text', undefined, 'text'],
	[null, undefined, undefined]
])('%j is an expected error with the status %s, and has the message %s', (error, status, message) => {
	expect(expectedStatusOf(error)).toBe(status);
	expect(messageOf(error)).toBe(message);
});
