import { expect, test } from 'vitest';
import { startCollector } from '../bench/collector.ts';
import { measureLineCosts } from '../bench/line-costs.ts';
import { buildSignalsApp } from './app.ts';

// it compares what one process measures in turns; another attempt is for a machine that stalls in one of them
test('a dropped line costs less than a tenth of an exported one', { retry: 2 }, async () => {
	const { build } = await buildSignalsApp('kit-3');
	const collector = await startCollector();
	try {
		const cores = { server: undefined, load: undefined };
		const costs = await measureLineCosts(build, collector, cores, 1);
		const [printed, exported, , dropped] = costs.map(({ microseconds }) => microseconds);
		expect((dropped! - printed!) / (exported! - printed!)).toBeLessThan(0.1);
	} finally {
		await collector.stop();
	}
});
