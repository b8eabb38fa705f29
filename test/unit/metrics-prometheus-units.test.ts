import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { setDiagnostics } from '../../files/diagnostics/sdk-diagnostics.ts';
import { createSerializer } from '../../files/metrics/prometheus-text.ts';
import { ManualReader } from './support/manual-reader.ts';
import { parsePrometheus } from './support/prometheus-parser.ts';
import { captureStderr } from './support/stderr.ts';

const lines = captureStderr();

/** The name that Prometheus gets. */
async function nameOf(kind: 'Counter' | 'UpDownCounter' | 'Gauge' | 'Histogram', name: string, unit: string) {
	const reader = new ManualReader();
	const meter = new MeterProvider({ readers: [reader] }).getMeter('app');
	if (kind === 'Histogram') meter.createHistogram(name, { unit }).record(1);
	else if (kind === 'Gauge') meter.createGauge(name, { unit }).record(1);
	else meter[`create${kind}`](name, { unit }).add(1);
	const text = createSerializer()((await reader.collect()).resourceMetrics);
	return /^# TYPE (?!target_info )(\S+) /m.exec(text)?.[1];
}

/*
 * "Converting from abbreviations to full words", "dropping the portions of the Unit within brackets", "converting "1"
 * to "ratio"", "converting "foo/bar" to "foo_per_bar"", with the words of Prometheus
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1,
 * https://github.com/prometheus/otlptranslator/blob/main/metric_namer.go).
 */
test.each([
	['d', 'x_days'],
	['h', 'x_hours'],
	['min', 'x_minutes'],
	['s', 'x_seconds'],
	['ms', 'x_milliseconds'],
	['us', 'x_microseconds'],
	['ns', 'x_nanoseconds'],
	['By', 'x_bytes'],
	['KiBy', 'x_kibibytes'],
	['MiBy', 'x_mebibytes'],
	['GiBy', 'x_gibibytes'],
	['TiBy', 'x_tibibytes'],
	['KBy', 'x_kilobytes'],
	['MBy', 'x_megabytes'],
	['GBy', 'x_gigabytes'],
	['TBy', 'x_terabytes'],
	['m', 'x_meters'],
	['V', 'x_volts'],
	['A', 'x_amperes'],
	['J', 'x_joules'],
	['W', 'x_watts'],
	['g', 'x_grams'],
	['Cel', 'x_celsius'],
	['Hz', 'x_hertz'],
	['%', 'x_percent'],
	['1', 'x_ratio'],
	['', 'x'],
	['{request}', 'x'],
	['By/s', 'x_bytes_per_second'],
	['By/m', 'x_bytes_per_minute'],
	['By/h', 'x_bytes_per_hour'],
	['By/d', 'x_bytes_per_day'],
	['By/w', 'x_bytes_per_week'],
	['By/mo', 'x_bytes_per_month'],
	['By/y', 'x_bytes_per_year'],
	['1/s', 'x_per_second'],
	['{request}/s', 'x_per_second'],
	['By/{request}', 'x_bytes'],
	['{a}/{b}', 'x'],
	[' s ', 'x_seconds'],
	// what has no word stays
	['requests', 'x_requests'],
	['foo/bar', 'x_foo_per_bar'],
	['foo/bar/s', 'x_foo_per_bar_s'],
	['m^2', 'x_m_2'],
	['/s', 'x_per_second'],
	['s/', 'x_seconds'],
	['"日"', 'x']
])('a gauge with the unit %j is %s', async (unit, name) => {
	expect(await nameOf('Gauge', 'x', unit)).toBe(name);
});

test.each([
	['Counter', 'x', 's', 'x_seconds_total'],
	['Counter', 'x.total', 's', 'x_seconds_total'],
	['Counter', 'x', 'By/s', 'x_bytes_per_second_total'],
	['Counter', 'x', '1', 'x_total'],
	['Counter', 'x', '{order}', 'x_total'],
	['UpDownCounter', 'x', 'By', 'x_bytes'],
	['UpDownCounter', 'x.total', '', 'x_total'],
	['Histogram', 'x', 's', 'x_seconds'],
	// the unit is there already
	['Gauge', 'x.seconds', 's', 'x_seconds'],
	['Gauge', 'x.seconds.y', 's', 'x_seconds_y'],
	['Gauge', 'x.ratio.y', '1', 'x_y_ratio'],
	['Gauge', '2fa.logins', '', '_2fa_logins'],
	['Gauge', 'a..b/c-d', '', 'a_b_c_d'],
	// nothing of it is left
	['Gauge', '名前', '', undefined]
] as const)('a %s %s with the unit %j is %s', async (kind, name, unit, expected) => {
	expect(await nameOf(kind, name, unit)).toBe(expected);
});

test('meters that spell the unit of a metric differently agree on it, and nothing is logged', async () => {
	const reader = new ManualReader();
	const provider = new MeterProvider({ readers: [reader] });
	const serialize = createSerializer();
	setDiagnostics();
	const spellings = [
		['wait', '', 's', 'seconds', 'min'],
		['calls', '{request}', '1', ''],
		['calls.seconds', '', 'ms'],
		['calls.seconds.milliseconds', 's'],
		['speed', 'By/s', 'bytes/second']
	];
	for (const [name = '', ...units] of spellings)
		for (const [index, unit] of units.entries()) {
			const meter = provider.getMeter(`app ${index}`);
			meter.createHistogram(name, { unit }).record(1);
			meter.createGauge(`last.${name}`, { unit }).record(1);
		}
	const text = serialize((await reader.collect()).resourceMetrics);
	expect(lines).toEqual([]);
	parsePrometheus(text);
	expect(text.match(/(?<=^# UNIT )(?!last_).+/gm)?.toSorted()).toEqual([
		// the first meter's
		'calls_seconds_milliseconds seconds',
		'speed_bytes_per_second bytes_per_second',
		'wait_minutes minutes',
		'wait_seconds seconds'
	]);
	expect(text).toContain('\n# UNIT last_calls_ratio ratio\n');
});
