/** The worker of the last export, `last-export-worker.ts` with all that it imports: see `rollup.config.js`. */
declare module 'virtual:last-export-worker' {
	const code: string;
	export default code;
}
