import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Addon, Workspace } from 'sv';
import { color, resolveCommandArray, transforms } from '../libraries/sv-utils.ts';
import { API } from '../api/share-api.ts';
import { ADAPTER_NODE, nearestAdapterNode } from '../project/adapter-node.ts';
import { type OptionsPlace, findOptionsPlace } from '../project/options-place.ts';
import { installCommand } from '../project/package-manager.ts';
import { own, versionOf } from '../project/project.ts';
import { OLDEST_KIT } from '../project/tested-versions.ts';
import { compareVersions } from '../project/version.ts';
import { ByHand, type Script, outOf, packageOf, readOptions, setFlags, swapAdapter } from './options.ts';
import { ADAPTER_AUTO, removePackage, wantedPackages } from './packages.ts';
import { neededFlags } from '../kit/kit-2.ts';

/** The directory of the built server: found by `run`, and named by `nextSteps`, which cannot read the file. */
let out = 'build';

/**
 * `npx sv add adapter-node-otel`: replaces the adapter in a project with any supported SvelteKit.
 * https://svelte.dev/docs/cli/community
 */
const addOn: Addon<Record<never, never>, 'adapter-node-otel'> = {
	id: 'adapter-node-otel',
	shortDescription: 'OpenTelemetry traces, metrics and logs for adapter-node',
	homepage: own.homepage ?? 'https://www.npmjs.com/package/adapter-node-otel',
	options: {},

	async setup({ cwd, isKit, dependencyVersion, unsupported }) {
		if (!isKit) return unsupported('it is for SvelteKit');
		const kit = kitVersion({ cwd, dependencyVersion });
		if (!kit) {
			return unsupported(
				`SvelteKit is ${dependencyVersion('@sveltejs/kit')} in package.json and not installed, so its version is not known: install the packages first`
			);
		}
		if (compareVersions(kit, OLDEST_KIT) < 0) {
			return unsupported(`SvelteKit ${kit} cannot be traced: update it to ${OLDEST_KIT} or later`);
		}
		const other = await readAdapter(cwd, kit);
		if (other && ![own.name, ADAPTER_NODE, ADAPTER_AUTO].includes(other)) {
			unsupported(
				`this project is built with ${other}, and adapter-node-otel makes a Node server in its place`
			);
		}
	},

	async run({ cwd, dependencyVersion, file, sv, cancel }) {
		const kit = kitVersion({ cwd, dependencyVersion });
		const place = await findOptionsPlace(cwd, kit);
		const edit = transforms.script((script) => editOptions(script, place, kit));
		try {
			// check this before any change
			edit(read(cwd, place.file));
		} catch (error) {
			if (!(error instanceof ByHand)) throw error;
			const packages = [own.name!, `${ADAPTER_NODE}@${nearestAdapterNode(kit)}`, API];
			const flags = neededFlags(kit).map((flag) => `set experimental.${flag}.server to true, `);
			return cancel(
				`${error.message}. Import the adapter from 'adapter-node-otel' there by hand, ${flags.join('')}and install it: ${installCommand(packages, { dev: true, from: cwd })}`
			);
		}
		sv.file(place.file, edit);
		// of what is listed, the version that is installed says more than a range or a tag
		const findVersion = (name: string): string | undefined => {
			const listed = dependencyVersion(name);
			return listed && (versionOf(name, cwd) ?? listed);
		};
		for (const [name, range] of wantedPackages(kit, findVersion)) sv.devDependency(name, range);
		sv.file(file.package, removePackage(ADAPTER_AUTO));
	},

	nextSteps({ packageManager }) {
		const command = (...args: string[]): string =>
			color.command(resolveCommandArray(packageManager, 'run', args));
		const variable = 'OTEL_TRACES_EXPORTER=console';
		// cmd and PowerShell have no variables before a command
		const start =
			process.platform === 'win32'
				? `put ${color.command(variable)} into .env, and ${color.command(`node --env-file=.env ${out}`)}`
				: color.command(`${variable} node ${out}`);
		return [
			`${command('dev', '--open', '/__otel')} shows every request as a waterfall`,
			`${command('build')}, then ${start} traces the production server`
		];
	}
};

export default addOn;

type Project = Pick<Workspace, 'cwd' | 'dependencyVersion'>;

/** The installed version, else the lowest version that package.json allows. */
function kitVersion({ cwd, dependencyVersion }: Project): string | undefined {
	const listed = dependencyVersion('@sveltejs/kit');
	// it may be a tag, or `catalog:`
	return versionOf('@sveltejs/kit', cwd) ?? (listed && /^\d/.test(listed) ? listed : undefined);
}

function editOptions(script: Script, place: OptionsPlace, kit: string | undefined): void | false {
	const options = readOptions(script, place);
	const isSwapped = swapAdapter(script, options);
	const isSet = setFlags(script, options, neededFlags(kit), place.file);
	out = outOf(script, options) ?? out;
	// a file may be formatted differently after it is printed again
	return isSwapped || isSet ? undefined : false;
}

/** The package of the project's adapter, if it can be found. */
async function readAdapter(cwd: string, kit: string | undefined): Promise<string | undefined> {
	const place = await findOptionsPlace(cwd, kit);
	let found: string | undefined;
	const look = transforms.script((script) => {
		found = packageOf(readOptions(script, place));
		return false;
	});
	try {
		look(read(cwd, place.file));
	} catch {
		// `run` reports what is wrong with it
	}
	return found;
}

function read(cwd: string, file: string): string {
	try {
		return readFileSync(path.join(cwd, file), 'utf8');
	} catch {
		return '';
	}
}
