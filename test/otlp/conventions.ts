import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

type Type = 'string' | 'string[]' | 'int' | 'boolean';

/**
 * The types of the attributes that spans, log records, metrics and resources have, by the semantic conventions
 * (https://opentelemetry.io/docs/specs/semconv/registry/attributes/), and SvelteKit's own that are not strings.
 */
export const types: Readonly<Record<string, Type>> = {
	'client.address': 'string',
	'error.type': 'string',
	'exception.message': 'string',
	'exception.stacktrace': 'string',
	'exception.type': 'string',
	'http.request.method': 'string',
	'http.request.method_original': 'string',
	'http.response.body.size': 'int',
	'http.response.status_code': 'int',
	'host.arch': 'string',
	'host.id': 'string',
	'host.name': 'string',
	'http.route': 'string',
	'network.peer.address': 'string',
	'network.peer.port': 'int',
	'network.protocol.version': 'string',
	'nodejs.eventloop.state': 'string',
	'os.type': 'string',
	'os.version': 'string',
	'process.command': 'string',
	'process.command_args': 'string[]',
	'process.executable.name': 'string',
	'process.executable.path': 'string',
	'process.owner': 'string',
	'process.pid': 'int',
	'process.runtime.description': 'string',
	'process.runtime.name': 'string',
	'process.runtime.version': 'string',
	'server.address': 'string',
	'server.port': 'int',
	'service.instance.id': 'string',
	'service.name': 'string',
	'service.version': 'string',
	'telemetry.distro.name': 'string',
	'telemetry.distro.version': 'string',
	'telemetry.sdk.language': 'string',
	'telemetry.sdk.name': 'string',
	'telemetry.sdk.version': 'string',
	'url.full': 'string',
	'url.path': 'string',
	'url.query': 'string',
	'url.scheme': 'string',
	'user_agent.original': 'string',
	'v8js.gc.type': 'string',
	'v8js.heap.space.name': 'string',
	'v8js.resource.type': 'string'
};

/** What ends the names of SvelteKit's attributes that are no strings. */
const ofSvelteKit: readonly (readonly [RegExp, Type])[] = [
	[/^sveltekit\.is_/, 'boolean'],
	[/\.result\.status$/, 'int'],
	[/^sveltekit\./, 'string']
];

/** What of them is not as the conventions have it: an unknown or an old name, or a value of another type. */
export function faultsOf(attributes: Readonly<Record<string, unknown>>): string[] {
	return Object.entries(attributes).flatMap(([name, value]) => {
		const type = types[name] ?? ofSvelteKit.find(([pattern]) => pattern.test(name))?.[1];
		if (type === undefined) return [`${name} is unknown`];
		return isOf(type, value) ? [] : [`${name} is ${JSON.stringify(value)}, not of type ${type}`];
	});
}

function isOf(type: Type, value: unknown): boolean {
	if (type === 'int') return Number.isSafeInteger(value);
	if (type === 'string[]') return Array.isArray(value) && value.every((each) => typeof each === 'string');
	return typeof value === type;
}

/** What the published package says of each attribute: its constant, and whether it is deprecated. */
export function readPublished(): Map<string, { constant: string; isDeprecated: boolean }> {
	const require = createRequire(import.meta.url);
	const directory = new URL('./', `file://${require.resolve('@opentelemetry/semantic-conventions')}`);
	const published = new Map<string, { constant: string; isDeprecated: boolean }>();
	for (const file of ['stable_attributes.d.mts', 'experimental_attributes.d.mts']) {
		const code = readFileSync(new URL(file, directory), 'utf8');
		for (const [, comment, constant, name] of code.matchAll(
			/\/\*\*((?:(?!\*\/)[^])*)\*\/\s*declare const (ATTR_\w+): "([^"]+)"/g
		)) {
			published.set(name!, { constant: constant!, isDeprecated: comment!.includes('@deprecated') });
		}
	}
	return published;
}
