// Builds the Collector, Jaeger or Prometheus for the tests with the ordinary Go toolchain, once per version.
//
//   node test/collector/build.mjs [collector|jaeger|prometheus]         prints the binary's path
//   node test/collector/build.mjs [collector|jaeger|prometheus] --find  prints it only if it is there
//   node test/collector/build.mjs lock                                  renews go.mod and go.sum from builder.yaml
//
// Plain JavaScript without dependencies: it also runs before `npm ci`, and on Node 20.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync
} from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const exe = process.platform === 'win32' ? '.exe' : '';

const builderModule = 'go.opentelemetry.io/collector/cmd/builder';
const builderVersion = 'v0.155.0';

// Jaeger v2.13.0. Its tags v2.x have no /v2 module path, so Go knows that release by its other tag.
const jaegerModule = 'github.com/jaegertracing/jaeger';
const jaegerVersion = 'v1.76.0';

// Prometheus v3.16. Its tags v3.x have no /v3 module path, so Go knows that release by its other tag.
const prometheusModule = 'github.com/prometheus/prometheus';
const prometheusVersion = 'v0.316.0';

const targets = {
	collector: {
		key: [builderVersion, ...['builder.yaml', 'go.mod', 'go.sum'].map(readHere)],
		build: buildCollector
	},
	jaeger: { key: [jaegerModule, jaegerVersion], build: buildJaeger },
	prometheus: { key: [prometheusModule, prometheusVersion], build: buildPrometheus }
};

const asked = process.argv.slice(2);
const flags = asked.filter((arg) => arg.startsWith('--'));
const [verb = 'collector', ...others] = asked.filter((arg) => !arg.startsWith('--'));
const isKnown = others.length === 0 && flags.every((flag) => flag === '--find');

try {
	if (isKnown && verb === 'lock') {
		await renewLock();
	} else if (isKnown && Object.hasOwn(targets, verb)) {
		await provide(verb, flags.length > 0);
	} else {
		fail(
			`Unknown arguments \`${asked.join(' ')}\` (expected collector, jaeger, prometheus or lock, and --find).`
		);
	}
} catch (error) {
	fail(error.message);
}

async function provide(name, findOnly) {
	const { key, build } = targets[name];
	const cache = process.env.COLLECTOR_CACHE || join(root, 'node_modules/.cache/adapter-node-otel');
	const hash = createHash('sha256')
		.update([...key, process.platform, process.arch].join('\n'))
		.digest('hex');
	const directory = join(cache, name, hash.slice(0, 16));
	const binary = join(directory, name + exe);

	if (!existsSync(binary)) {
		if (findOnly)
			fail(`${name} is not built yet: run \`node test/collector/build.mjs ${name}\` (it needs Go).`);
		requireGo();
		mkdirSync(directory, { recursive: true });
		// Built in another place and then renamed, so that other processes see all of it or nothing.
		const work = mkdtempSync(join(directory, 'build-'));
		const started = Date.now();
		tell(`Building ${name}: minutes the first time, seconds once Go has its cache.`);
		try {
			renameSync(await build(work), binary);
		} finally {
			rmSync(work, { recursive: true, force: true });
		}
		tell(`Built ${name} in ${Math.round((Date.now() - started) / 1000)} s.`);
	}
	console.log(binary);
}

async function buildCollector(work) {
	const builder = await installBuilder(work);
	copyFileSync(join(here, 'go.mod'), join(work, 'go.mod'));
	copyFileSync(join(here, 'go.sum'), join(work, 'go.sum'));
	// With the lock in place the builder has nothing to resolve. Its own `go mod tidy` would also ask
	// for what only the tests of the components need.
	await run(builder, ['--config', writeManifest(work), '--skip-get-modules'], work);
	return join(work, 'collector' + exe);
}

async function buildJaeger(work) {
	// `go install` refuses a module that has a replace directive, and so does not honour it. Built
	// from its own folder it does, and with the checksums that Jaeger's authors recorded.
	const { stdout } = await run('go', ['mod', 'download', '-json', `${jaegerModule}@${jaegerVersion}`], work);
	const binary = join(work, 'jaeger' + exe);
	// The web page is not part of the module: Jaeger serves a placeholder for it, and all of its API.
	await run(
		'go',
		['build', '-trimpath', '-ldflags=-s -w', '-o', binary, './cmd/jaeger'],
		JSON.parse(stdout).Dir
	);
	return binary;
}

async function buildPrometheus(work) {
	// Without service discovery, which most of its dependencies are for.
	const tags = 'netgo,remove_all_sd';
	await run(
		'go',
		[
			'install',
			'-trimpath',
			'-ldflags=-s -w',
			`-tags=${tags}`,
			`${prometheusModule}/cmd/prometheus@${prometheusVersion}`
		],
		work,
		{ GOBIN: work }
	);
	return join(work, 'prometheus' + exe);
}

async function renewLock() {
	requireGo();
	const work = mkdtempSync(join(os.tmpdir(), 'collector-lock-'));
	try {
		const builder = await installBuilder(work);
		// Its `go mod tidy` may fail over modules that only tests need; by then go.mod is written.
		await run(builder, ['--config', writeManifest(work), '--skip-compilation'], work).catch((error) =>
			tell(error.message)
		);
		// The builder's own flags, so that its next build finds all of this in Go's cache.
		await run(
			'go',
			['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', join(work, 'collector'), '.'],
			work
		);
		for (const file of ['go.mod', 'go.sum']) copyFileSync(join(work, file), join(here, file));
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
}

async function installBuilder(work) {
	await run('go', ['install', `${builderModule}@${builderVersion}`], work, { GOBIN: work });
	return join(work, 'builder' + exe);
}

function writeManifest(work) {
	const manifest = join(work, 'builder.yaml');
	// A JSON string is a YAML string.
	const outputPath = `dist:\n  output_path: ${JSON.stringify(work)}\n`;
	writeFileSync(
		manifest,
		readHere('builder.yaml').replace(/^dist:\n/m, () => outputPath)
	);
	return manifest;
}

function requireGo() {
	if (spawnSync('go', ['version']).error) {
		fail('Go is missing: `go` was not found on PATH. Install Go 1.25 or later and run this again.');
	}
}

/** Runs a command at low priority: what it builds is needed later, what else runs here is needed now. */
function run(command, args, cwd, env = {}) {
	return new Promise((resolve, reject) => {
		const child = spawn(command, args, {
			cwd,
			// A go.work of a folder above must not take part.
			env: { ...process.env, GOWORK: 'off', ...env },
			stdio: ['ignore', 'pipe', 'pipe']
		});
		let stdout = '';
		let output = '';
		child.stdout.on('data', (data) => {
			stdout += data;
			output += data;
		});
		child.stderr.on('data', (data) => (output += data));
		child.on('error', reject);
		child.on('close', (code) => {
			if (code === 0) return resolve({ stdout });
			const last = output.trim().split('\n').slice(-20).join('\n');
			reject(new Error(`\`${command} ${args.join(' ')}\` failed with exit code ${code}:\n${last}`));
		});
		try {
			os.setPriority(child.pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
		} catch {
			// Not permitted, or over already: it only runs at normal priority.
		}
	});
}

function readHere(file) {
	return readFileSync(join(here, file), 'utf8');
}

function tell(message) {
	console.error(message);
}

function fail(message) {
	tell(message);
	process.exit(1);
}
