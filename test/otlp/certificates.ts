import { X509Certificate, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A key with its certificate, both PEM. */
export interface Identity {
	key: string;
	cert: string;
}

/** The certificates of a TLS receiver and its clients. Created at every call, valid for a day. */
export interface Certificates {
	/** The certificate that the other two are signed with. */
	ca: string;
	/** For `127.0.0.1`, `::1` and `localhost`. */
	server: Identity;
	client: Identity;
}

/**
 * Makes an authority, a server and a client certificate. Node has no API for this, and neither an
 * `openssl` command nor a package is worth it: the few DER structures are written here.
 */
export function createCertificates(): Certificates {
	const authority = createKeys();
	const ca = issue({
		subject: 'Test CA',
		keys: authority,
		issuer: 'Test CA',
		issuerKey: authority.privateKey,
		isAuthority: true
	});
	const identity = (subject: string): Identity => {
		const keys = createKeys();
		const cert = issue({ subject, keys, issuer: 'Test CA', issuerKey: authority.privateKey });
		return { key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };
	};
	return { ca, server: identity('localhost'), client: identity('client') };
}

interface Keys {
	publicKey: KeyObject;
	privateKey: KeyObject;
}

interface Request {
	subject: string;
	keys: Keys;
	issuer: string;
	issuerKey: KeyObject;
	isAuthority?: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;

const tags = {
	boolean: 0x01,
	integer: 0x02,
	bitString: 0x03,
	octetString: 0x04,
	objectId: 0x06,
	utf8String: 0x0c,
	utcTime: 0x17,
	sequence: 0x30,
	set: 0x31
};

// Object identifiers, DER encoded.
const ecdsaWithSha256 = '2a8648ce3d040302';
const commonName = '550403';
const basicConstraints = '551d13';
const subjectAltName = '551d11';

function createKeys(): Keys {
	return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function issue({ subject, keys, issuer, issuerKey, isAuthority = false }: Request): string {
	const algorithm = sequence(objectId(ecdsaWithSha256));
	const now = Date.now();
	const toSign = sequence(
		der(0xa0, der(tags.integer, Buffer.of(2))), // version 3
		der(tags.integer, Buffer.concat([Buffer.of(0x01), randomBytes(15)])),
		algorithm,
		name(issuer),
		sequence(time(now - dayMs), time(now + dayMs)),
		name(subject),
		keys.publicKey.export({ type: 'spki', format: 'der' }),
		der(
			0xa3,
			sequence(
				extension(basicConstraints, sequence(...(isAuthority ? [der(tags.boolean, Buffer.of(0xff))] : []))),
				extension(subjectAltName, localNames())
			)
		)
	);
	const signature = sign('sha256', toSign, issuerKey);
	const certificate = sequence(
		toSign,
		algorithm,
		der(tags.bitString, Buffer.concat([Buffer.of(0), signature]))
	);
	return new X509Certificate(certificate).toString();
}

function localNames(): Buffer {
	const dnsName = (text: string): Buffer => der(0x82, Buffer.from(text));
	const address = (...bytes: number[]): Buffer => der(0x87, Buffer.from(bytes));
	return sequence(
		dnsName('localhost'),
		address(127, 0, 0, 1),
		address(...Array.from({ length: 15 }, () => 0), 1)
	);
}

function extension(id: string, value: Buffer): Buffer {
	return sequence(objectId(id), der(tags.octetString, value));
}

function name(text: string): Buffer {
	return sequence(der(tags.set, sequence(objectId(commonName), der(tags.utf8String, Buffer.from(text)))));
}

/** `YYMMDDHHMMSSZ` */
function time(milliseconds: number): Buffer {
	const digits = new Date(milliseconds).toISOString().replaceAll(/\D/g, '').slice(2, 14);
	return der(tags.utcTime, Buffer.from(`${digits}Z`));
}

function objectId(hex: string): Buffer {
	return der(tags.objectId, Buffer.from(hex, 'hex'));
}

function sequence(...parts: Buffer[]): Buffer {
	return der(tags.sequence, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const size =
		length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.of(tag, ...size), content]);
}
