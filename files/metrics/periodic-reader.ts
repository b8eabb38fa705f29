import { type HrTime, diag } from '@opentelemetry/api';
import { globalErrorHandler, millisToHrTime } from '@opentelemetry/core';
import {
	MetricReader,
	type MetricReaderOptions,
	type ResourceMetrics,
	TimeoutError
} from '@opentelemetry/sdk-metrics';
import type { PeriodicSettings } from '../config/metrics.ts';
import { log } from '../diagnostics/log.ts';
import { EVER, collectNow, observe } from './collect-now.ts';

/** How long the last export waits for the callbacks of observable instruments. */
const PATIENCE_MS = 1000;

/**
 * Exports metrics, within a time limit of its own. Logs failures. `isFlush`: they are collected for the end of the
 * process, and not because an interval is over.
 */
type Send = (metrics: ResourceMetrics, isFlush: boolean) => Promise<void>;

interface Export {
	/** How long a callback may take. */
	timeoutMs: number;
	/** Logs the errors of callbacks. */
	report: (errors: readonly unknown[]) => void;
	isFlush?: boolean;
	/** Asked when all callbacks have returned: whether the export is still needed. */
	isDue?: () => boolean;
}

/**
 * Collects and exports at an interval. Waits for the callbacks of all observable instruments first, and then
 * collects all metrics in one step. The SDK's reader collects meter by meter, and keeps what it has collected in a
 * promise until the last callback returns: deltas would be lost there when the process exits.
 */
export class PeriodicReader extends MetricReader {
	readonly #sendMetrics: Send;
	readonly #settings: PeriodicSettings;
	#timer: NodeJS.Timeout | undefined;
	/** Resolves when all exports in progress are done. */
	#sending: Promise<void> = Promise.resolve();
	/** The start of the last collection that is complete. */
	#collectedSince: HrTime = EVER;
	/** Whether the export of an interval is in progress. */
	#isBusy = false;
	/** How many flushes have begun, and how many of them are in progress. */
	#flushes = 0;
	#flushing = 0;
	/** Whether a flush waits for callbacks. */
	#isFlushDue = false;
	#isStuck = false;
	#isOver = false;

	/**
	 * @param send exports what is collected
	 * @param settings the interval, and how long a callback may take
	 * @param options of the SDK: aggregation and temporality
	 */
	constructor(send: Send, settings: PeriodicSettings, options?: MetricReaderOptions) {
		super({ ...options, ...(settings.limitOf && { cardinalitySelector: settings.limitOf }) });
		this.#sendMetrics = send;
		this.#settings = settings;
	}

	/**
	 * Collects and exports, for a process that can end afterwards. Does not wait for a callback that does not
	 * return: everything but its values is exported then.
	 */
	async flush(): Promise<void> {
		this.#isFlushDue = !this.#isOver;
		const patienceMs = Math.min(PATIENCE_MS, this.#settings.timeoutMs);
		this.#flushes++;
		this.#flushing++;
		try {
			await this.#export({
				timeoutMs: this.#isStuck ? 0 : patienceMs,
				isFlush: true,
				report: (errors) => {
					const others = errors.filter((error) => !(error instanceof TimeoutError));
					logErrors(others);
					if (this.#isStuck || others.length === errors.length) return;
					this.#isStuck = true;
					log(
						'warn',
						`a callback of an observable instrument has not returned after ${patienceMs / 1000} s: metrics are exported without its values. Make it return, or make its promise resolve`
					);
				}
			});
		} finally {
			this.#flushing--;
		}
	}

	/**
	 * Collects synchronously, for a process that exits without another turn of the event loop. Observable
	 * instruments have the values of the last collection.
	 */
	drain(): ResourceMetrics | undefined {
		return this.#isOver ? undefined : collectNow(this, this.#collectedSince);
	}

	/**
	 * Stops collecting, after the last flush. A flush that still waits for callbacks exports immediately.
	 *
	 * @returns a promise that resolves when all exports in progress are done
	 */
	stop(): Promise<void> {
		if (this.#isFlushDue) void this.#send(this.#collectedSince, true);
		this.#isOver = true;
		clearInterval(this.#timer);
		return this.#sending;
	}

	protected override onInitialized(): void {
		this.#timer = setInterval(() => void this.#exportInterval(), this.#settings.intervalMs).unref();
	}

	/** For code that flushes the registered provider itself. */
	protected override onForceFlush(): Promise<void> {
		return this.#export({ timeoutMs: this.#settings.timeoutMs, report: logErrors });
	}

	/** For code that shuts the registered provider down. */
	protected override async onShutdown(): Promise<void> {
		await this.onForceFlush();
		await this.stop();
	}

	/**
	 * Leaves the export to a flush that is in progress or begins meanwhile: behind the last flush, it would be aborted
	 * when the process exits.
	 */
	async #exportInterval(): Promise<void> {
		// one at a time: a callback or a collector can be slow
		if (this.#isBusy || this.#flushing > 0) return;
		this.#isBusy = true;
		const flushes = this.#flushes;
		try {
			await this.#export({
				timeoutMs: this.#settings.timeoutMs,
				report: logErrors,
				isDue: () => this.#flushes === flushes
			});
		} catch (error) {
			globalErrorHandler(error as Error);
		}
		this.#isBusy = false;
	}

	async #export({ timeoutMs, report, isFlush = false, isDue }: Export): Promise<void> {
		if (this.#isOver) return;
		const since = millisToHrTime(Date.now());
		const errors = await observe(this, since, timeoutMs);
		// the collector gets older totals first
		await this.#sending;
		if (this.#isOver || isDue?.() === false) return;
		report(errors);
		await this.#send(since, isFlush);
	}

	/** Collects and exports, without waiting in between. */
	#send(since: HrTime, isFlush: boolean): Promise<void> {
		this.#isFlushDue = false;
		this.#collectedSince = since;
		const metrics = collectNow(this, since);
		if (metrics) {
			const sent = this.#sendMetrics(metrics, isFlush).catch(globalErrorHandler);
			this.#sending = Promise.all([this.#sending, sent]).then(() => {});
		}
		return this.#sending;
	}
}

function logErrors(errors: readonly unknown[]): void {
	if (errors.length > 0) diag.error('PeriodicReader: metrics collection errors', ...errors);
}
