import type { OtlpSettings } from '../config/otlp.ts';

/* The parts of a failed export's message that depend on what the collector answers and on the settings. */

/** The settings of the exporter that messages need. */
export type ExportTarget = Pick<OtlpSettings, 'signal' | 'url' | 'protocol' | 'headers' | 'tls' | 'isOfFile'>;

/** Answers to wrong credentials, and to none. */
const FORBIDDEN = /^it answers (401|403|UNAUTHENTICATED|PERMISSION_DENIED)\b/;

/** Answers to a wrong path. `404, which is not gRPC` is one to a wrong address. */
const UNKNOWN = /^it answers (404\b(?!,)|UNIMPLEMENTED)/;

/** Certificates of an authority that Node does not know. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

/** A text of others: of limited length, without values of our headers, which it may repeat. */
export function show(text: string, { headers }: ExportTarget): string {
	const values = Object.values(headers).join(' ');
	// the words of `Bearer TOKEN`, and KEY of `token=KEY`; what is shorter is no secret, and may be a part of a word
	const secrets = `${values} ${values.replace(/[,;=]/g, ' ')}`
		.split(/\s+/)
		.filter(({ length }) => length > 7);
	// one may begin with another
	secrets.sort((one, other) => other.length - one.length);
	return secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), text).slice(0, 200);
}

/**
 * What to do about a failed export, as the end of its message; empty if the failure does not tell.
 *
 * @param cause the error
 * @param otlp the settings of the exporter
 */
export function adviseAbout(
	{ message, code = '' }: NodeJS.ErrnoException,
	{ signal, protocol, headers, tls, isOfFile }: ExportTarget
): string {
	const advise = (isSet: boolean, key: string, name: string): string =>
		`. ${isSet ? 'Check' : 'Set'} ${
			isOfFile
				? `${key} of the exporter in the file of OTEL_CONFIG_FILE`
				: `OTEL_EXPORTER_OTLP_${name}${isSet ? ` and OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}` : ''}`
		}`;
	if (FORBIDDEN.test(message)) return advise(Object.keys(headers).length > 0, 'headers', 'HEADERS');
	if (UNKNOWN.test(message)) {
		const path = protocol === 'grpc' ? '' : 'the path of the URL, and ';
		return `. Check ${path}whether this collector accepts ${signal}`;
	}
	return UNTRUSTED.test(code) ? advise(Boolean(tls.ca), 'tls.ca_file', 'CERTIFICATE') : '';
}
