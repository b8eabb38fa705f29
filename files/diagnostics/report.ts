/** `bugs` of package.json when the package was built; empty if not set. Defined by `rollup.config.js`. */
declare const BUGS_URL: string;

/** The end of messages about bugs in this package: where to report them, if package.json has a URL. */
export const PLEASE_REPORT: string =
	typeof BUGS_URL === 'string' && BUGS_URL ? `please report it at ${BUGS_URL}` : 'please report it';
