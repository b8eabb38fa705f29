/** A hostile request, as bytes, and what is known about it. */
export interface HostileRequest {
	bytes: Buffer;
	/** In its path, and nowhere else. */
	id: string;
	/** The trace that it names in a valid `traceparent`, if nothing else in it names one. */
	traceId: string | undefined;
}

type Random = () => number;

const methods = [
	'GET',
	'HEAD',
	'POST',
	'PUT',
	'PATCH',
	'DELETE',
	'OPTIONS',
	'TRACE',
	'PROPFIND',
	'M-SEARCH',
	'QUERY'
];

/** Most requests of a run must pass the HTTP parser, to reach the code behind it. */
const refused = {
	methods: ['get', 'GETT', 'FOO', 'CONNECT', '__proto__', 'G\u0000T', ''],
	versions: ['HTTP/9.9', 'HTTP/1.1 ', 'XTTP/1.1', ''],
	headers: [
		'content-length: -1',
		'content-length: x',
		'transfer-encoding: chunked, chunked',
		': nameless',
		'a\u0001: b',
		'a b: c',
		'x: a\u0000b'
	]
};

const hex = '0123456789abcdef';

/** Makes one request out of a generator; the number makes its path its own. */
export function createHostileRequest(random: Random, number: number): HostileRequest {
	const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
	const maybe = (chance: number): boolean => random() < chance;
	const digits = (length: number): string => Array.from({ length }, () => pick([...hex])).join('');
	const long = (): string =>
		pick(['x', 'é', '%', '%ff', '\t', '/..', '=', ',', ';', 'ab\u0080', '{', '"']).repeat(
			Math.floor(random() * 3000)
		);
	// whatever a header may hold
	const noise = (): string =>
		Array.from({ length: Math.floor(random() * 60) }, () =>
			String.fromCharCode(maybe(0.7) ? 32 + Math.floor(random() * 95) : 128 + Math.floor(random() * 128))
		).join('');

	const id = `id${number}x`;
	const path = pick<() => string>([
		() => `/blog/${id}`,
		() => `/blog/${id}`,
		() => `/api/post/${id}`,
		() => `/${id}`,
		() => `/${id}?${noise().replace(/\s/g, '+')}`,
		() => `/${id}?q=${long().replace(/\s/g, '')}&token=secret`,
		() => `/blog/${id}%`,
		() => `/blog/${id}%ff%fe`,
		() => `/${id}/%00`,
		() => `//${id}`,
		() => `/${id}/../../etc/passwd`,
		() => `http://evil.example/${id}`,
		() => `http://[::1:${id}`,
		() => `/_app/immutable/${id}.js`,
		() => `/blog/${id}/__data.json?x-sveltekit-invalidated=${digits(20)}`,
		() => `/${id}${long().replace(/\s/g, '')}`,
		() => `/${id}/${noise().replace(/\s/g, '')}`,
		() => `*${id}`
	])();

	const valid = digits(32).replace(/^0/, '1');
	const lines: string[] = [];
	let traceId: string | undefined;
	if (maybe(0.3)) {
		traceId = valid;
		lines.push(`traceparent: 00-${valid}-${digits(15)}1-${pick(['00', '01', '03'])}`);
	} else if (maybe(0.6)) {
		lines.push(
			`traceparent: ${pick([
				() => `00-${'0'.repeat(32)}-${digits(16)}-01`,
				() => `00-${valid}-${'0'.repeat(16)}-01`,
				() => `ff-${valid}-${digits(16)}-01`,
				() => `00-${valid.toUpperCase()}-${digits(16)}-01`,
				() => `00-${valid}-${digits(16)}-01-extra`,
				() => `00-${digits(31)}-${digits(16)}-01`,
				() => `00-${valid}-${digits(16)}-0`,
				() => '',
				() => '-',
				noise,
				long
			])()}`
		);
	}

	const others: (() => string)[] = [
		() =>
			`tracestate: ${pick([() => Array.from({ length: 40 }, (_, index) => `k${index}=v`).join(','), () => `a=${long()}`, () => '=,=,', () => `${noise()}=${noise()}`, () => 'a=1,a=2'])()}`,
		() =>
			`baggage: ${pick([() => `a=${long()}`, () => Array.from({ length: 200 }, (_, index) => `k${index}=v`).join(','), () => '=;;,=', () => `k=%${noise()}`, () => '__proto__=1,constructor=2'])()}`,
		() => `b3: ${pick([() => '0', () => 'd', () => `${valid}-${digits(16)}-1`, noise, long])()}`,
		() => `x-b3-traceid: ${pick([() => valid, noise])()}`,
		() => `x-b3-sampled: ${noise()}`,
		() => `uber-trace-id: ${pick([() => `${valid}:${digits(16)}:0:1`, noise])()}`,
		() => `x-amzn-trace-id: Root=${noise()}`,
		() => `x-forwarded-for: ${pick([() => '1.2.3.4, 5.6.7.8', () => ',,,', noise, long])()}`,
		() => `x-forwarded-proto: ${pick([() => 'https', () => 'javascript', noise])()}`,
		() => `x-forwarded-host: ${pick([() => 'a.example', () => '', () => 'a b', noise])()}`,
		() => `user-agent: ${pick([noise, long, () => ''])()}`,
		() => `accept: ${pick([() => 'text/html', () => 'application/json', noise])()}`,
		() => `cookie: ${noise()}`,
		() => `range: bytes=${noise()}`,
		() => `x-sveltekit-action: ${noise()}`,
		() => `origin: ${noise()}`,
		() => `expect: 100-continue`,
		() => `__proto__: ${noise()}`,
		() => `constructor: ${noise()}`
	];
	for (let count = Math.floor(random() * 5); count > 0; count--) lines.push(pick(others)());
	if (!maybe(0.02))
		lines.push(
			`host: ${maybe(0.8) ? '127.0.0.1' : pick(['evil.example:99999', '[::1', 'a b', '', `${id}.example`, 'ü'])}`
		);
	if (maybe(0.02)) lines.push('host: second.example');
	if (maybe(0.02)) lines.push(pick(refused.headers));
	const method = maybe(0.02) ? pick(refused.methods) : maybe(0.6) ? 'GET' : pick(methods);
	const version = maybe(0.02) ? pick(refused.versions) : maybe(0.95) ? 'HTTP/1.1' : 'HTTP/1.0';

	const text = [`${method} ${path} ${version}`, ...lines, 'connection: close', '', ''].join('\r\n');
	const naming = lines.filter((line) => /^(traceparent|b3|x-b3|uber|x-amzn)/.test(line));
	return { bytes: Buffer.from(text, 'latin1'), id, traceId: naming.length === 1 ? traceId : undefined };
}
