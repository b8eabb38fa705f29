import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/* How much each part of `build/otel` weighs. `npm run build` makes the files. */

const otel = fileURLToPath(new URL('../../dist/files/otel', import.meta.url));

/** The parts of `build/otel`. A file counts for the first part that its name fits. */
const PARTS = {
	'instrumentations and import hooks, only in the build of an app that has instrumentations':
		/^(import-hook\/.*|instrumentations\.js|make-instrumentations\.js)$/,
	'licences of the bundled packages': /^THIRD-PARTY-LICENSES\.txt$/,
	metrics:
		/^(.*metrics.*|prometheus|periodic-reader|overflow|write-exemplars|meter-provider|signals-off)\.js$/,
	logs: /^(start-logs|logs-\w+|logger-provider|observe-console|console-processor|find-package)\.js$/,
	'the waterfall in the terminal': /^waterfall-processor\.js$/,
	'kept traces, the sampling file, custom servers':
		/^(keep-traces|sampling-file|watch-files|trace-arrivals)\.js$/,
	'the reader of the configuration file': /^(config-file|read)\.js$/,
	traces: /\.js$/
} satisfies Record<string, RegExp>;

export type Part = keyof typeof PARTS;

/** What was there when half of the size was asked for: 515,000 bytes then. */
export const FIRST_PARTS: readonly Part[] = [
	'traces',
	'the reader of the configuration file',
	'licences of the bundled packages'
];

/** The size of each part in bytes. */
export function weighParts(): Record<Part, number> {
	const parts = Object.keys(PARTS) as Part[];
	const sizes = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>;
	for (const each of readdirSync(otel, { recursive: true, encoding: 'utf8' })) {
		const file = each.replaceAll('\\', '/');
		const stats = statSync(join(otel, file));
		if (stats.isDirectory()) continue;
		const part = parts.find((name) => PARTS[name].test(file));
		if (!part) throw new Error(`${file} is in no part of test/weight/parts.ts`);
		sizes[part] += stats.size;
	}
	return sizes;
}

/** The sum of some parts in bytes. */
export const sumOf = (sizes: Record<Part, number>, parts: readonly Part[]): number =>
	parts.reduce((total, part) => total + sizes[part], 0);
