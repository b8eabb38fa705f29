import type { ExportTarget } from './export-health.ts';

/** Certificates of an authority that Node does not know. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

/**
 * What to do about a failed export, as the end of its message; empty if the failure does not tell.
 *
 * @param cause the error
 * @param otlp the settings of the exporter
 */
export function advise(
	{ message, code = '' }: NodeJS.ErrnoException,
	{ signal, protocol, headers, tls, isOfFile }: ExportTarget
): string {
	const place = isOfFile ? ' of the exporter in the file of OTEL_CONFIG_FILE' : '';
	const [, answer = ''] = /^it answers (\w+)/.exec(message) ?? [];
	if (['401', '403', 'UNAUTHENTICATED', 'PERMISSION_DENIED'].includes(answer)) {
		const verb = Object.keys(headers).length > 0 ? 'Check' : 'Set';
		return `. ${verb} ${isOfFile ? 'headers' : 'OTEL_EXPORTER_OTLP_HEADERS'}${place}`;
	}
	if (['404', 'UNIMPLEMENTED'].includes(answer)) {
		const path = protocol === 'grpc' ? '' : 'the path of the URL, and ';
		return `. Check ${path}whether this collector accepts ${signal}`;
	}
	if (!UNTRUSTED.test(code)) return '';
	return `. ${tls.ca ? 'Check' : 'Set'} ${isOfFile ? 'tls.ca_file' : 'OTEL_EXPORTER_OTLP_CERTIFICATE'}${place}`;
}
