import type { ExportTarget } from './export-health.ts';
import type { Wording } from './wording.ts';

/* The texts about an export that has failed, which follow the collector. Loaded only at a failure. */

/** Answers to wrong credentials, and to none. */
const FORBIDDEN = /^it answers (401|403|UNAUTHENTICATED|PERMISSION_DENIED)\b/;

/** Answers to a wrong path. */
const UNKNOWN = /^it answers (404|UNIMPLEMENTED)\b/;

/** Certificates of an authority that Node does not know. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

/** A failed export, and what was lost. */
export interface Failure {
	cause: Error;
	/** Whether the batch is not sent again. */
	isRefused: boolean | undefined;
	/** Whether a failure was logged before, without a success since. */
	isRepeated: boolean;
	/** Items lost by this failure. */
	lost: number;
	/** Items lost so far, as text. */
	total: string;
}

/**
 * Describes a failed export.
 *
 * @param otlp the settings of the exporter
 * @param wording the words for the signal
 * @param failure what has happened
 */
export function describeFailure(
	otlp: ExportTarget,
	{ many, maxQueueSize, meanwhile }: Wording,
	{ cause, isRefused, isRepeated, lost, total }: Failure
): string {
	// when Node tries several addresses, the errors are in one AggregateError without a message
	const error = (
		cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause
	) as NodeJS.ErrnoException;
	const reason = show(error.message || error.code || 'no reason given', otlp);
	if (isRepeated) return `still does not accept ${many}: ${reason}. ${total}`;

	const waiting = isRefused
		? 'Each of these batches is lost'
		: `Up to ${maxQueueSize} ${many} wait for it, more are dropped`;
	const sentences = [
		`does not accept ${many}: ${reason}`,
		...(lost > 0 ? [total] : []),
		`${meanwhile ?? waiting}; the app is not affected`,
		...adviseAbout(error, otlp)
	];
	return sentences.join('. ');
}

/**
 * Describes what a collector rejects of a batch that it accepts, or warns of.
 *
 * @param otlp the settings of the exporter
 * @param message the message of the collector
 * @param rejected how many items, and how many were lost so far, as text; undefined if there are none
 */
export function describeRejection(
	otlp: ExportTarget,
	message: string,
	rejected?: { count: string; total: string }
): string {
	const reason = JSON.stringify(show(message, otlp));
	return rejected ? `rejected ${rejected.count}: ${reason}. ${rejected.total}` : `warns: ${reason}`;
}

/** A text of others: of limited length, without values of our headers, which it may repeat. */
function show(text: string, { headers }: ExportTarget): string {
	let shown = text;
	// the words of `Bearer TOKEN`; what is shorter is no secret, and may be a part of a word
	for (const word of Object.values(headers).join(' ').split(' '))
		if (word.length > 7) shown = shown.replaceAll(word, '…');
	return shown.slice(0, 200);
}

/** What to do about it, if the failure tells. */
function adviseAbout(
	{ message, code = '' }: NodeJS.ErrnoException,
	{ signal, protocol, headers, tls, isOfFile }: ExportTarget
): string[] {
	const place = isOfFile ? ' of the exporter in the file of OTEL_CONFIG_FILE' : '';
	if (FORBIDDEN.test(message)) {
		const verb = Object.keys(headers).length > 0 ? 'Check' : 'Set';
		return [`${verb} ${isOfFile ? 'headers' : 'OTEL_EXPORTER_OTLP_HEADERS'}${place}`];
	}
	if (UNKNOWN.test(message)) {
		const path = protocol === 'grpc' ? '' : 'the path of the URL, and ';
		return [`Check ${path}whether this collector accepts ${signal}`];
	}
	if (!UNTRUSTED.test(code)) return [];
	return [
		`${tls.ca ? 'Check' : 'Set'} ${isOfFile ? 'tls.ca_file' : 'OTEL_EXPORTER_OTLP_CERTIFICATE'}${place}`
	];
}
