import { expect, test } from 'vitest';
import { connectTracing } from '../../src/kit/connect-tracing.ts';
import { matrix } from '../support/matrix.ts';

/** What the build says about a server without any code of SvelteKit. */
const connect = (version: string): string[] =>
	connectTracing({
		out: '.',
		modules: [],
		kit2: { version, experimental: { tracing: { server: true } } },
		wrapped: undefined
	});

test('code of SvelteKit 2 in another form is reported, with the range that is tested and its newest version', () => {
	const { kit: oldest } = matrix['kit-2-oldest'];
	const { kit: newest } = matrix['kit-2'];
	const range = `in the form of SvelteKit ${oldest} to ${newest}. Nothing is changed there: `;

	const unchanged = connect('2.999.0').filter((message) => message.includes('does not contain'));
	expect(unchanged).toHaveLength(3);
	for (const message of unchanged) {
		expect(message).toContain(range);
		expect(message).toMatch(new RegExp(`-D @sveltejs/kit@${newest}\\. Please report it`));
	}
	expect(connect(newest)[0]).toContain(range);
	expect(connect(newest)[0]).not.toContain('Install');
});
