import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import packageJson from '../../package.json' with { type: 'json' };
import { packageManagerEnv } from './clean-env.ts';
import { exec } from './exec.ts';
import { packTarball } from './package-tarball.ts';

/** A registry that has this package as if it were published. */
export interface Registry extends AsyncDisposable {
	/** Lets every package manager, and `sv`, ask this registry. */
	readonly env: Record<string, string>;
}

const { name, version } = packageJson;

/** Starts a registry on this machine. It forwards requests for other packages to the real registry. */
export async function startRegistry(): Promise<Registry> {
	const tarball = await readFile((await packTarball()).path);
	const { stdout } = await exec('npm', ['config', 'get', 'registry'], { env: packageManagerEnv() });
	const upstream = stdout.trim();

	const server = createServer((req, res) => {
		const manifest = describeRelease(tarball, `http://${req.headers.host}/${name}.tgz`);
		const answers: Record<string, object | Buffer> = {
			[`/${name}`]: {
				name,
				'dist-tags': { latest: version },
				versions: { [version]: manifest },
				// package managers may refuse what is younger than a few days
				time: { [version]: '2026-01-01T00:00:00.000Z' }
			},
			[`/${name}/latest`]: manifest,
			[`/${name}.tgz`]: tarball
		};
		const answer = answers[req.url!];
		if (answer) return res.end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
		return res.writeHead(302, { location: new URL(req.url!.slice(1), upstream).href }).end();
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');

	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		env: {
			npm_config_registry: url,
			YARN_REGISTRY: url,
			YARN_NPM_REGISTRY_SERVER: url,
			YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
			NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(askInsteadOfNpm(url))}`
		},
		async [Symbol.asyncDispose]() {
			server.close();
			server.closeAllConnections();
		}
	};
}

/** `package.json` as a registry has it. */
const describeRelease = (tarball: Buffer, url: string): object => ({
	...packageJson,
	dist: {
		tarball: url,
		shasum: createHash('sha1').update(tarball).digest('hex'),
		integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`
	}
});

/** `sv` asks npm's registry whatever is configured, and GitHub for the packages that it refuses. */
const askInsteadOfNpm = (url: string): string => `
const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
	const asked = String(input);
	if (asked.endsWith('/sv/blocklist.json')) return Promise.resolve(Response.json({ npm_names: [] }));
	return fetch(asked.startsWith('https://registry.npmjs.org/${name}') ? asked.replace('https://registry.npmjs.org', '${url}') : input, init);
};
`;
