/** Parses a version into numbers. A prerelease sorts before its release. */
type Parts = readonly [major: number, minor: number, patch: number, release: number];

/**
 * Compares two versions. The result is negative if the first is older.
 *
 * @param a a version as in package.json, `1.2.3` or `1.2.3-next.4`; missing parts count as 0
 */
export function compareVersions(a: string, b: string): number {
	const [left, right] = [parse(a), parse(b)];
	const at = left.findIndex((part, index) => part !== right[index]);
	return at < 0 ? 0 : left[at]! - right[at]!;
}

/** The major version. */
export const majorOf = (version: string): number => parse(version)[0];

/**
 * Whether a version is in a range. Supports the forms in our own package.json: `^1.2.3`, `>=1.2`, and
 * alternatives of them.
 */
export function satisfies(version: string, range: string): boolean {
	return range.split('||').some((part) => {
		const [, operator, least] = /^\s*(\^|>=)\s*(\S+)\s*$/.exec(part) ?? [];
		if (least === undefined) throw new Error(`unexpected range ${JSON.stringify(part)}`);
		return compareVersions(version, least) >= 0 && (operator === '>=' || majorOf(version) === majorOf(least));
	});
}

function parse(version: string): Parts {
	const [, major, minor = 0, patch = 0, prerelease] =
		/^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-)?/.exec(version) ?? [];
	return [Number(major ?? 0), Number(minor), Number(patch), prerelease ? -1 : 0];
}
