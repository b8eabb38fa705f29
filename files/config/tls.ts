import type { SignalName } from '../types/signal.ts';
import type { Environment } from './variable.ts';
import { OTLP_VARIABLES, of } from './variables-otlp.ts';

/** What a TLS connection is made with, PEM. */
export interface Tls {
	/** Whom to trust, and nobody else. */
	ca?: string;
	/** What this process shows. */
	cert?: string;
	/** The key of `cert`. */
	key?: string;
}

/**
 * Why a connection could not be made with this, or undefined. What is wrong with a certificate shall be said
 * when the server starts, not with every export.
 */
export function findTlsProblem(tls: Tls): string | undefined {
	if (!tls.ca && !tls.cert && !tls.key) return undefined;
	try {
		// TLS itself ignores an authority that it cannot read
		if (tls.ca) parseCertificate(tls.ca);
		// loaded here, for few ask for it
		process.getBuiltinModule('node:tls').createSecureContext(tls);
		return undefined;
	} catch (error) {
		const { reason, message } = error as Error & { reason?: string };
		return reason ?? message;
	}
}

function parseCertificate(pem: string) {
	const { X509Certificate } = process.getBuiltinModule('node:crypto');
	return new X509Certificate(pem);
}

/**
 * Reads the certificates of the OTLP exporter. Each that cannot be used is told and left out.
 *
 * @param env where from
 * @param signal whose exporter it is
 * @param url of the collector
 */
export function readTls(env: Environment, signal: SignalName, url: string): Tls {
	const read = {
		ca: env.readFirst(of(OTLP_VARIABLES.certificate, signal)),
		cert: env.readFirst(of(OTLP_VARIABLES.clientCertificate, signal)),
		key: env.readFirst(of(OTLP_VARIABLES.clientKey, signal))
	};
	const { ca, cert, key } = read;

	if (!url.startsWith('https:')) {
		for (const { variable } of [ca, cert, key]) {
			if (!variable) continue;
			const problem = `is set, but ${new URL(url).origin} is reached without TLS`;
			env.reject({ ...variable, expected: 'an https:// endpoint' }, problem, 'it is ignored');
		}
		return {};
	}

	const tls: Tls = {};
	if (ca.variable) {
		const problem = findTlsProblem({ ca: ca.value! });
		if (problem === undefined) tls.ca = ca.value!;
		else env.reject(ca.variable, `cannot be used (${problem})`, 'the usual authorities are trusted');
	}

	const one = cert.variable ?? key.variable;
	if (!one) return tls;
	if (!cert.variable || !key.variable) {
		const { all: missing } = cert.variable ? OTLP_VARIABLES.clientKey : OTLP_VARIABLES.clientCertificate;
		env.reject(
			{ ...one, expected: 'both of them' },
			`is set without a usable ${missing.name}`,
			'no client certificate is shown'
		);
		return tls;
	}
	const problem = findTlsProblem({ cert: cert.value!, key: key.value! });
	if (problem === undefined) return { ...tls, cert: cert.value!, key: key.value! };
	const { name } = key.variable;
	env.reject(
		cert.variable,
		`and ${name} cannot be used together (${problem})`,
		'no client certificate is shown'
	);
	return tls;
}
