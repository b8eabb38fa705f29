import type { ServerResponse } from 'node:http';
import { log } from '../diagnostics/log.ts';
import { PLEASE_REPORT } from '../diagnostics/report.ts';

/** Requests for more than files after which it is no chance that SvelteKit has asked for no tracer. */
const ENOUGH = 20;

/** What answers that have nothing new or nothing at all in them look like, files among them. */
const NO_CONTENT = new Set([304, 308, 405, 416]);

/** Headers that go with a file, and not with what SvelteKit answers. */
const OF_A_FILE = ['accept-ranges', 'last-modified'];

/** Notices that SvelteKit serves requests and is not traced: it has changed, and telemetry would say nothing. */
export class SilenceWatch {
	#requests = 0;
	#isOver = false;

	/** SvelteKit has asked for its tracer: it will be traced. */
	heard(): void {
		this.#isOver = true;
	}

	/**
	 * Counts a request that SvelteKit may be asked for.
	 *
	 * @param res its response, of which nothing has been sent
	 */
	watch(res: ServerResponse): void {
		if (this.#isOver) return;
		const set = res.getHeaderNames().length;
		res.once('finish', () => {
			if (this.#isOver || !isOfSvelteKit(res, set)) return;
			if (++this.#requests < ENOUGH) return;
			this.#isOver = true;
			log(
				'warn',
				`SvelteKit has answered ${ENOUGH} requests and has not asked for its tracer once: none of them is traced. The build says what it has not found, if anything; use a version of SvelteKit that the README names, and ${PLEASE_REPORT}`
			);
		});
	}
}

/** Whether it was no file: those who serve files set no header one by one. */
function isOfSvelteKit(res: ServerResponse, setBefore: number): boolean {
	const names = res.getHeaderNames();
	return (
		names.length > setBefore &&
		!NO_CONTENT.has(res.statusCode) &&
		!OF_A_FILE.some((name) => names.includes(name))
	);
}
