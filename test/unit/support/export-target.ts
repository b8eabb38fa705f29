import type { ExportTarget } from '../../../files/otlp/advise.ts';

/** The settings of an exporter of spans to `http://c`, as messages need them. */
export const createTarget = (settings: Partial<ExportTarget> = {}): ExportTarget => ({
	signal: 'traces',
	protocol: 'http/protobuf',
	url: 'http://c',
	headers: {},
	tls: {},
	...settings
});
