import type { Sampler } from '@opentelemetry/sdk-trace';

/** A sampler that can be replaced while the server runs. */
export class LiveSampler implements Sampler {
	current: Sampler;

	/** @param current the sampler to begin with */
	constructor(current: Sampler) {
		this.current = current;
	}

	shouldSample: Sampler['shouldSample'] = (...args) => this.current.shouldSample(...args);

	toString(): string {
		return String(this.current);
	}
}
