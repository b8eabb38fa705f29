declare module 'virtual:configuration-schema' {
	/** The JSON schema of the declarative configuration; `rollup.config.js` takes it from upstream's package. */
	const schema: object;
	export default schema;
}
