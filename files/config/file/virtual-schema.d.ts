declare module 'virtual:configuration-schema' {
	/** The JSON schema of the declarative configuration; `rollup.config.js` reads it from the upstream package. */
	const schema: object;
	export default schema;
}
