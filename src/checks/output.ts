import { RUNTIME_KEY, TRACING_FLAG } from '../kit/globals.ts';
import type { Unwrapped } from '../kit/wrappers.ts';
import { installCommand } from '../project/package-manager.ts';
import { pleaseReport } from '../project/project.ts';
import { newestTested } from '../project/tested-versions.ts';
import { compareVersions } from '../project/version.ts';

/** Which parts of SvelteKit's tracing the built server contains, and which of our modules wrap them. */
export interface BuiltTracing {
	generation: 2 | 3;
	/** SvelteKit's version. */
	version: string;
	/** The code of the server, and of SvelteKit's package where that is not bundled. */
	codes: readonly string[];
	/** What SvelteKit 3 lacks for our modules. If nothing is missing, our modules wrap SvelteKit's. */
	missing: readonly Unwrapped[];
	/** Whether SvelteKit's spans come from our modules. */
	isWrapped: boolean;
}

/** Code that tracing needs, as any bundler and minifier emits it. */
interface Need {
	name: string;
	pattern: RegExp;
	/** The SvelteKit major version that has it, if only one does. */
	of?: 3;
	/** The effect if it is missing. */
	cost: string;
	/** The effect if it is missing and our modules make the spans. */
	costWrapped?: string;
}

const NEEDS: readonly Need[] = [
	{
		of: 3,
		name: `its switch (\`${TRACING_FLAG}\`)`,
		pattern: new RegExp(RUNTIME_KEY + /["'`]\)\]?\)?\s*\??\.\s*enabled/.source),
		cost: 'no request is traced',
		costWrapped: "`event.tracing.enabled` does not follow the server's environment"
	},
	{
		name: 'its tracer (`sveltekit`)',
		pattern: /getTracer\(\s*(["'`])sveltekit\1/,
		cost: 'no request is traced',
		costWrapped: 'spans that SvelteKit makes in another way than most are missing'
	},
	{
		name: 'its root span (`sveltekit.handle.root`)',
		pattern: /(["'`])sveltekit\.handle\.root\1/,
		cost: 'SERVER spans have no route'
	}
];

/**
 * Checks that the built server contains the code that tracing needs. If a SvelteKit release changes this
 * code, the build logs a warning, so that tracing does not stop silently.
 *
 * @returns what is missing and its effect, in one line
 */
export function checkOutput({
	generation,
	version,
	codes,
	missing,
	isWrapped
}: BuiltTracing): string | undefined {
	const absent = NEEDS.filter(
		({ of, pattern }) => (!of || of === generation) && !codes.some((code) => pattern.test(code))
	).map(({ name, cost, costWrapped }) => `${name}: ${(isWrapped && costWrapped) || cost}`);
	const all = [...absent, ...missing.map(describe)];
	if (all.length === 0) return undefined;
	return `SvelteKit ${version} differs from the versions that this adapter-node-otel supports. Not found in the server: ${all.join('; ')}. ${suggestTested(version)}`;
}

/**
 * What to do about a SvelteKit that differs from those that are tested: install the newest of these if it is newer, and
 * report it.
 *
 * @param version of SvelteKit
 */
export function suggestTested(version: string): string {
	const tested = newestTested(version).kit;
	const command = installCommand([`@sveltejs/kit@${tested}`], { dev: true });
	return compareVersions(version, tested) > 0
		? `Install the newest that is tested: ${command}. ${pleaseReport}`
		: pleaseReport;
}

/**
 * Checks that our modules are in front of SvelteKit's in the built server.
 *
 * @param bypassed the modules of SvelteKit where they are not
 * @returns which modules these are and the effect, in one line
 */
export function checkWrappers(bypassed: readonly Unwrapped[]): string | undefined {
	if (bypassed.length === 0) return undefined;
	return `These modules of SvelteKit are in the server without ours, because another Vite plugin or an alias resolves them first, or because SvelteKit does not import them any more: ${bypassed.map(describe).join('; ')}. Exclude them from that plugin or alias. If there is none, ${pleaseReport.replace(/^P/, 'p')}`;
}

const describe = ({ names, cost }: Unwrapped): string =>
	`${names.map((name) => `\`${name}\``).join(', ')}: ${cost}`;
