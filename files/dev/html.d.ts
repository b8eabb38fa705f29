/** The text of a file, which `rollup.config.js` inserts. */
declare module '*.html' {
	const text: string;
	export default text;
}
