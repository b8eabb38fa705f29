import type { ReceivedSpan } from '../otlp/span.ts';
import type { TreeNode } from '../otlp/tree.ts';

/** What each query of the overlay `libraries` answers, and makes below the load function that it is in. */
export const QUERIES: [library: string, result: string, below: string[]][] = [
	['pg', '1', ['pg-pool.connect', 'pg.query:SELECT postgres']],
	['named', '2', ['pg.connect', 'pg.query:SELECT postgres']],
	['dynamic', '3', ['pg.connect', 'pg.query:SELECT postgres']],
	['required', '4', ['pg.connect', 'pg.query:SELECT postgres']],
	['drizzle', '5', ['pg-pool.connect', 'pg.query:SELECT postgres']],
	['ioredis', 'six', ['set', 'get']],
	['redis', 'seven', ['redis-SET', 'redis-GET']]
];

/** The names of the spans that libraries have made below load functions. */
export function clientsBelow(tree: TreeNode, isBelowLoad = false): string[] {
	return tree.children.flatMap((child) => {
		const isLoad = child.span.name.startsWith('sveltekit.load ');
		const names = isBelowLoad && isOfLibrary(child.span) ? [child.span.name] : [];
		return [...names, ...clientsBelow(child, isBelowLoad || isLoad)];
	});
}

const isOfLibrary = (span: ReceivedSpan): boolean => span.scope.name.startsWith('@opentelemetry/');
