import type { Attributes, Meter } from '@opentelemetry/api';
import { createRandom } from './random.ts';

/** Attributes that Prometheus would not take as they are. */
export const hostileAttributes: Attributes[] = [
	{ '2fa': true },
	{ 'user.id': 1, user_id: 2 },
	{ 'user.id': '1' },
	{ user_id: 1 },
	{ '': 'empty key' },
	{ ' ': 'a', '.': 'b', 日本: 'c', _: 'd', __: 'e' },
	{ le: 'x', quantile: '0.5' },
	{ 'otel.scope.name': 'x', otel_scope_version: 'y', 'otel.scope.schema_url': 'z' },
	{ exported_le: 'a', le: 'b', 'l.e': 'c' },
	{ __name__: 'x', job: 'y', instance: 'z' },
	{ ['__proto__']: 'x', constructor: 'y' },
	{ text: '"quotes" \\ and\nlines\r\n\t\u0000\ud800\udc00\ud800 } {a="b"} 1' },
	{ list: ['a', '"b"', '\n'] },
	{ empty: '' },
	{}
];

const names = [
	'2fa.logins',
	'名前',
	'a.b',
	'a_b',
	'a-b/c',
	'a.b.total',
	'total',
	'_',
	'',
	'h',
	'h.count',
	'h_bucket',
	'target.info',
	'line\nbreak',
	'\ud800'
];

const units = ['', '1', 's', 'By/s', '{a}/{b}', '\n', '"', '日', '2'];

const texts = ['', 'with \\ and\nlines\n# TYPE x gauge\nx 1', '\ud800 "', ' ', '# HELP'];

/**
 * Creates all that can be named badly in an app, and measures with it.
 *
 * @param seed other names and values for another number
 */
export function measureHostile(meter: Meter, seed: number): void {
	const random = createRandom(seed);
	const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
	const key = (): string =>
		Array.from({ length: Math.floor(random() * 4) }, () => pick([...'aA_.:-7 "\\\n{}=,日\ud800'])).join('');
	const attributes = (): Attributes =>
		random() < 0.5
			? pick(hostileAttributes)
			: Object.fromEntries(
					Array.from({ length: Math.floor(random() * 4) }, () => [key(), pick([key(), 1, true])])
				);
	const value = (): number => pick([0, -0, 1.5, 1e21, 1e-7, NaN, Infinity, -Infinity]);
	for (let count = 0; count < 40; count++) {
		const name = random() < 0.7 ? pick(names) : key();
		const options = { unit: pick(units), description: pick(texts) };
		const counter = meter.createCounter(name, options);
		const gauge = meter.createGauge(pick([name, pick(names)]), options);
		const histogram = meter.createHistogram(pick([name, pick(names)]), {
			...options,
			advice: { explicitBucketBoundaries: pick([[], [1], [0, 1, 1]]) }
		});
		for (let point = 0; point < 8; point++) {
			counter.add(Math.abs(value()), attributes());
			gauge.record(value(), attributes());
			histogram.record(value(), attributes());
		}
	}
}
