import { execFileSync } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { labelOf } from '../otlp/span.ts';
import { printTree } from '../otlp/print.ts';
import { spansOf } from '../otlp/tree.ts';
import { type AppOptions, buildApp } from '../support/app.ts';
import { packageManagerEnv } from '../support/clean-env.ts';
import { exec } from '../support/exec.ts';
import { type NodeVersion, nodeBinary, testedNode } from '../support/node-binary.ts';
import { startServer } from '../support/server.ts';
import { startTraced } from '../support/traced-server.ts';

/*
 * Whether requests are traced with what is newest of SvelteKit, adapter-node and Vite, built and served by the
 * newest Node. The tests themselves run on the Node that this repository pins.
 */
const tagged = (name: string, tag: string): string => {
	const tags = JSON.parse(
		execFileSync('npm', ['view', name, 'dist-tags', '--json'], { env: packageManagerEnv(), encoding: 'utf8' })
	) as Record<string, string>;
	// between two releases there may be no next one
	return tags[tag] ?? tags['latest']!;
};

const nodeVersion = tagged('node', 'latest');
const node = await nodeBinary(nodeVersion as NodeVersion);
// the servers, too
vi.stubEnv('TEST_NODE', nodeVersion);

const newest = (tag: 'latest' | 'next'): AppOptions => {
	const kit = tagged('@sveltejs/kit', tag);
	return {
		node,
		combination: {
			generation: 3,
			kit,
			adapterNode: tagged('@sveltejs/adapter-node', tag),
			svelte: tagged('svelte', 'latest'),
			vite: tagged('vite', 'latest'),
			vitePluginSvelte: tagged('@sveltejs/vite-plugin-svelte', tag),
			remoteOverlay: 'remote'
		}
	};
};

describe.each(['latest', 'next'] as const)('SvelteKit and adapter-node @%s, the newest Vite', (tag) => {
	const options = newest(tag);
	const { kit, adapterNode, vite } = options.combination as {
		kit: string;
		adapterNode: string;
		vite: string;
	};

	test(`SvelteKit ${kit}, adapter-node ${adapterNode}, Vite ${vite}, Node ${nodeVersion}: the build logs nothing`, async () => {
		expect((await exec(await testedNode(), ['-p', 'process.versions.node'])).stdout.trim()).toBe(nodeVersion);
		expect((await buildApp(options)).log).not.toContain('adapter-node-otel:');
	});

	test('a page is one trace: SERVER span with its route, hooks, resolve, loads, endpoint', async () => {
		await using traced = await startTraced((await buildApp(options)).build);
		const { tree } = await traced.trace('/blog/hello');
		const labels = spansOf(tree).map(labelOf);
		expect(labels[0], printTree(tree)).toBe('SERVER GET /blog/[slug]');
		for (const name of [
			'sveltekit.handle.sequenced.first',
			'sveltekit.resolve',
			'sveltekit.load',
			'sveltekit.endpoint'
		]) {
			expect(
				labels.some((label) => label.startsWith(name)),
				`${name}\n${printTree(tree)}`
			).toBe(true);
		}
		expect(traced.server.stderr()).not.toContain('has not used its tracer');
	});

	test('without telemetry it serves, and logs nothing', async () => {
		await using server = await startServer((await buildApp(options)).build, {});
		expect((await server.fetch('/blog/hello')).status).toBe(200);
		expect(server.stderr()).toBe('');
	});
});
