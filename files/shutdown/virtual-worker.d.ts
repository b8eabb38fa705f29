/** The worker of the last export: `last-export-worker.ts` with its imports. See `rollup.config.js`. */
declare module 'virtual:last-export-worker/*' {
	const code: string;
	export default code;
}
