import { pleaseReport } from '../project/project.ts';

/** What of SvelteKit's own is in a server that was built, and what is in front of it. */
export interface BuiltTracing {
	generation: 2 | 3;
	/** SvelteKit's version. */
	version: string;
	/** The code of the server, and of SvelteKit's package where that is not bundled. */
	codes: readonly string[];
	/** What SvelteKit 3 lacks for our modules, which stand in front of its own if it lacks nothing. */
	missing: readonly string[];
	/** Whether SvelteKit's spans come from our modules. */
	isInFront: boolean;
}

/** A thing that tracing needs, as any bundler and minifier leaves it. */
interface Need {
	name: string;
	pattern: RegExp;
	/** The one SvelteKit that has it. */
	of?: 3;
	/** What comes of its absence. */
	cost: string;
	/** The same where our modules make the spans. */
	costInFront?: string;
}

const NEEDS: readonly Need[] = [
	{
		of: 3,
		name: 'its switch (`__SVELTEKIT_SERVER_TRACING_ENABLED__`)',
		pattern: /adapter-node-otel["'`]\)\]?\)?\s*\??\.\s*enabled/,
		cost: 'no request is traced',
		costInFront: "`event.tracing.enabled` does not follow the server's environment"
	},
	{
		name: 'its tracer (`sveltekit`)',
		pattern: /getTracer\(\s*(["'`])sveltekit\1/,
		cost: 'no request is traced',
		costInFront: 'spans that SvelteKit makes in another way than most are missing'
	},
	{
		name: 'its root span (`sveltekit.handle.root`)',
		pattern: /(["'`])sveltekit\.handle\.root\1/,
		cost: 'SERVER spans have no route'
	}
];

/**
 * Looks into a server for what makes its requests be traced: a release of SvelteKit that has it otherwise
 * shall not end tracing in silence.
 *
 * @returns what is missing and what that costs, in one line
 */
export function checkOutput({
	generation,
	version,
	codes,
	missing,
	isInFront
}: BuiltTracing): string | undefined {
	const absent = NEEDS.filter(
		({ of, pattern }) => (!of || of === generation) && !codes.some((code) => pattern.test(code))
	).map(({ name, cost, costInFront }) => `${name}: ${(isInFront && costInFront) || cost}`);
	const lacking =
		missing.length > 0
			? [`${missing.map((name) => `\`${name}\``).join(', ')}: each request costs a little more`]
			: [];
	const all = [...absent, ...lacking];
	if (all.length === 0) return undefined;
	return `SvelteKit ${version} is not as this version of adapter-node-otel knows it, and these were not found: ${all.join('; ')}. Use a version of SvelteKit that the README names, and ${pleaseReport[0]!.toLowerCase()}${pleaseReport.slice(1)}`;
}
