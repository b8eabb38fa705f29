/**
 * The package that a bare specifier is of.
 *
 * @param specifier of an import: also a path, a URL, or a bundler's own
 */
export const packageOf = (specifier: string): string | undefined =>
	/^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*(?=\/|$)/.exec(specifier)?.[0];
