import type { SignalName } from './signals.ts';
import type { Environment } from './variable.ts';
import { OTLP_VARIABLES, of } from './variables-otlp.ts';

/** The options of a TLS connection, as PEM. */
export interface Tls {
	/** The only certificate authorities that are trusted. */
	ca?: string;
	/** The client certificate. */
	cert?: string;
	/** The private key of `cert`. */
	key?: string;
}

/**
 * Why no TLS connection can be created with these options, or undefined. An invalid certificate is reported at
 * startup, not with each export.
 */
export function findTlsProblem(tls: Tls): string | undefined {
	if (!tls.ca && !tls.cert && !tls.key) return undefined;
	try {
		// Node's TLS ignores a CA certificate that it cannot parse
		if (tls.ca) parseCertificate(tls.ca);
		// loaded here, because few apps use it
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
 * Reads the certificates of the OTLP exporter. Invalid ones are logged and ignored.
 *
 * @param env the environment
 * @param signal the signal of the exporter
 * @param url the URL of the collector
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
		else
			env.reject(
				ca.variable,
				`cannot be used (${problem})`,
				'the default certificate authorities are trusted'
			);
	}

	const one = cert.variable ?? key.variable;
	if (!one) return tls;
	if (!cert.variable || !key.variable) {
		const { all: missing } = cert.variable ? OTLP_VARIABLES.clientKey : OTLP_VARIABLES.clientCertificate;
		env.reject(
			{ ...one, expected: 'both of them' },
			`is set without a usable ${missing.name}`,
			'no client certificate is sent'
		);
		return tls;
	}
	const problem = findTlsProblem({ cert: cert.value!, key: key.value! });
	if (problem === undefined) return { ...tls, cert: cert.value!, key: key.value! };
	const { name } = key.variable;
	env.reject(
		cert.variable,
		`and ${name} cannot be used together (${problem})`,
		'no client certificate is sent'
	);
	return tls;
}
