/* oxlint-disable unicorn/no-useless-spread -- lines of values, not one value to a line */
import { listVariables } from '../../files/config/list-variables.ts';
import { createRandom } from './random.ts';

/** An adversarial environment, and its secrets, which must never be shown. */
export interface AdversarialEnvironment {
	env: Record<string, string>;
	secrets: string[];
}

const NAMES = [...listVariables().map(({ name }) => name), 'OTEL_NOBODY_KNOWS_THIS'];

const VALUES = [
	...['', ' ', '\t\n', ',', '=', ':', '@', '%', '/', '//', '*', '[', '{}', 'null', 'undefined', 'NaN'],
	...['0', '1', '-1', '+5', '0.1', '.5', '1e3', '1e400', '0x10', '10%', '0,1', '5s', '5000ms', 'Infinity'],
	...['2147483647', '2147483648', '99999999999999999999', '-0', '1_000', '١٢٣', '½'],
	...['true', 'TRUE', 'false', 'yes', 'none', 'NONE', 'all', 'otlp', 'console', 'otlp,console', 'otlp,none'],
	...['zipkin', 'tracecontext', 'b3,jaeger,xray,b3multi', 'ottrace', 'grpc', 'http/json', 'HTTP/protobuf'],
	...['gzip', 'zstd', 'always_on', 'traceidratio', 'parentbased_traceidratio', 'host', 'service,process'],
	...['a=b', 'a', '=b', 'a=b=c', 'a=%', 'a=%zz', '__proto__=x', 'constructor=x', 'a=\u{1f600}', 'a=b,,c=d'],
	...['http://127.0.0.1:1', 'https://127.0.0.1:1', 'http://127.0.0.1:1/v1/traces', '127.0.0.1:1', '[::1]:1'],
	...[
		'http://127.0.0.1:4317',
		'http:///',
		'http://',
		'http://[',
		'http://127.0.0.1:99999',
		'file:///etc/passwd'
	],
	...['unix:/run/x', 'javascript:alert(1)', '/etc/hostname', '/nowhere', '.', '/dev/null'],
	...['/healthz', '/[/', '/(?<a>/', '/a{1,2}/g', '**', '/[id]/*', '$(id)', '${HOME}', '"; exit 1', '\\', "'"],
	...['x'.repeat(5000), '\u{202e}abc', 'line\nbreak', 'a\rb', '\u001b[31mred', '\u{feff}bom']
];

const ENDPOINTS = [
	(secret: string) => `http://user:${secret}@127.0.0.1:1`,
	(secret: string) => `https://${secret}@127.0.0.1:1/v1/traces`,
	(secret: string) => `http://127.0.0.1:1/?key=${secret}`,
	(secret: string) => `http://127.0.0.1:1#${secret}`,
	(secret: string) => `user:${secret}@127.0.0.1:1`,
	(secret: string) => `http//user:${secret}@127.0.0.1`,
	(secret: string) => `http://user:${secret}@`,
	(secret: string) => `http://u@ser:${secret}@127.0.0.1:x`
];

const HEADERS = [
	(secret: string) => `api-key=${secret}`,
	(secret: string) => `authorization=Bearer%20${secret},x=1`,
	(secret: string) => `bad name=${secret}`,
	(secret: string) => secret,
	(secret: string) => `a=1,${secret},b=2`,
	(secret: string) => `a=%${secret}`,
	(secret: string) => `a=\n${secret}`,
	(secret: string) => `content-length=${secret}`,
	(secret: string) => `grpc-timeout=${secret}`,
	(secret: string) => `:path=${secret}`
];

/** Characters that are put where they do not belong. */
const NOISE = [' ', ',', ':', '@', '/', '\\', '#', '?', '%', '"', '\n', '\u{1f600}', '[', '=', ';'];

/**
 * Makes environments, the same for the same seed.
 *
 * @param seed printed by who fails
 * @param count how many
 */
export function* adversarialEnvironments(seed: number, count: number): Generator<AdversarialEnvironment> {
	const random = createRandom(seed);
	const below = (bound: number): number => Math.floor(random() * bound);
	const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;

	const makeSecret = (): string => `s3cr3t${below(2 ** 31).toString(36)}`;
	/** Noise anywhere but in the secret. */
	const disturb = (text: string, secret: string): string => {
		if (random() < 0.5) return text;
		const at = text.indexOf(secret);
		const places = text.length - secret.length + 1;
		const place = below(places);
		const position = place <= at ? place : place + secret.length;
		return text.slice(0, position) + pick(NOISE) + text.slice(position);
	};

	for (let made = 0; made < count; made++) {
		const env: Record<string, string> = {};
		const secrets: string[] = [];
		for (let left = 1 + below(12); left > 0; left--) {
			const name = pick(NAMES);
			const isEndpoint = name.endsWith('_ENDPOINT') && name.includes('OTLP');
			const isHeaders = name.endsWith('_HEADERS');
			if (isHeaders || (isEndpoint && random() < 0.8)) {
				const secret = makeSecret();
				secrets.push(secret);
				env[name] = disturb(pick(isHeaders ? HEADERS : ENDPOINTS)(secret), secret);
			} else {
				env[name] = random() < 0.8 ? pick(VALUES) : pick(VALUES) + pick(NOISE) + pick(VALUES);
			}
		}
		// else half of them would say nothing
		if (random() < 0.7) delete env['OTEL_LOG_LEVEL'];
		yield { env, secrets };
	}
}
