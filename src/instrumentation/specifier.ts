/**
 * The package name of a bare specifier.
 *
 * @param specifier an import's specifier; it may also be a path, a URL, or internal to a bundler
 */
export const packageOf = (specifier: string): string | undefined =>
	/^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*(?=\/|$)/.exec(specifier)?.[0];
