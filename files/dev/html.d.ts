/** The text of a file, which `rollup.config.js` puts in. */
declare module '*.html' {
	const text: string;
	export default text;
}
