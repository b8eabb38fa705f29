import type { ServerResponse } from 'node:http';
import { PLEASE_REPORT, log } from './log.ts';

/** After this many requests, except for files, it is no coincidence that SvelteKit has not used its tracer. */
const ENOUGH = 20;

/** Statuses of responses without new content, which may also be for files. */
const NO_CONTENT = new Set([304, 308, 405, 416]);

/** Headers of static files, which SvelteKit's responses do not have. */
const OF_A_FILE = ['accept-ranges', 'last-modified'];

/** Notices that SvelteKit serves requests but makes no spans: it has changed, and they would be missing silently. */
export class TracerCheck {
	readonly #effect: string;
	#requests = 0;
	#isOver = false;

	/** @param effect what is missing then, for the message */
	constructor(effect: string) {
		this.#effect = effect;
	}

	/**
	 * Called when SvelteKit gets its tracer, or our function that makes its spans. On SvelteKit 3, our module gets the
	 * function when the server is imported: this does not mean that SvelteKit has called it. The build checks that.
	 */
	markUsed(): void {
		this.#isOver = true;
	}

	/**
	 * Counts a request that SvelteKit may get.
	 *
	 * @param res its response; nothing may have been sent
	 */
	countResponse(res: ServerResponse): void {
		if (this.#isOver) return;
		const set = res.getHeaderNames().length;
		res.once('finish', () => {
			if (this.#isOver || !isOfSvelteKit(res, set)) return;
			if (++this.#requests < ENOUGH) return;
			this.#isOver = true;
			log(
				'warn',
				`SvelteKit has answered ${ENOUGH} requests and has not used its tracer: ${this.#effect}. Build again: the build logs what is missing, and which SvelteKit to install. If it logs nothing, ${PLEASE_REPORT}`
			);
		});
	}
}

/** Whether it was not a file: servers of static files do not set headers one by one. */
function isOfSvelteKit(res: ServerResponse, setBefore: number): boolean {
	const names = res.getHeaderNames();
	return (
		names.length > setBefore &&
		!NO_CONTENT.has(res.statusCode) &&
		!OF_A_FILE.some((name) => names.includes(name))
	);
}
