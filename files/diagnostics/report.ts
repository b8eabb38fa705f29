/** The `bugs` of package.json when the package was built; empty without. `rollup.config.js` defines it. */
declare const BUGS_URL: string;

/** The end of a message about a fault of this package: where to report it, when the package says where. */
export const PLEASE_REPORT: string =
	typeof BUGS_URL === 'string' && BUGS_URL ? `please report it at ${BUGS_URL}` : 'please report it';
