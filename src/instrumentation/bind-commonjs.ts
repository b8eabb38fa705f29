import { existsSync } from 'node:fs';
import path from 'node:path';
import { findPackage, entryOf, readManifest } from '../project/project.ts';
import { packageOf } from './specifier.ts';

/** The part of a parsed module that is used: https://github.com/estree/estree/blob/master/es2015.md#modules */
export interface Program {
	body: readonly Statement[];
}

interface Statement {
	type: string;
	start: number;
	end: number;
	source?: { value: unknown } | null;
	specifiers?: readonly Specifier[];
}

interface Specifier {
	type: string;
	local: Name;
	imported?: Name;
	exported?: Name;
}

/** Identifiers have a name, string literals a value. */
interface Name {
	name?: string;
	value?: string;
}

/**
 * Rewrites a module's imports from CommonJS packages to use their default export. A bundler accepts any
 * name that `module.exports` has at run time. Node only accepts names that it finds in the source, and
 * throws a `SyntaxError` if they are computed: https://nodejs.org/api/esm.html#commonjs-namespaces
 *
 * @param code the module's code
 * @param program the parsed code
 * @param isBound whether a specifier belongs to such a package
 * @returns the code with the same number of lines, or `undefined` if nothing changes
 */
export function bindCommonJs(
	code: string,
	{ body }: Program,
	isBound: (specifier: string) => boolean
): string | undefined {
	let result = '';
	let done = 0;
	for (const [index, statement] of body.entries()) {
		const { type, source, specifiers = [], start, end } = statement;
		if (!/^(?:Import|ExportNamed)Declaration$/.test(type) || typeof source?.value !== 'string') continue;
		const isNamed = specifiers.some(isNamedSpecifier);
		if (!isNamed || !isBound(source.value)) continue;
		const bound = bind(specifiers, JSON.stringify(source.value), `commonJs${index}$`, type);
		const lines = code.slice(start, end).split('\n').length - 1;
		result += code.slice(done, start) + bound + '\n'.repeat(lines);
		done = end;
	}
	return done === 0 ? undefined : result + code.slice(done);
}

const isNamedSpecifier = ({ type, imported, local }: Specifier): boolean =>
	type === 'ImportNamespaceSpecifier' || nameOf(type === 'ExportSpecifier' ? local : imported) !== 'default';

const nameOf = (name: Name | undefined): string => name?.name ?? name?.value ?? 'default';

function bind(specifiers: readonly Specifier[], source: string, variable: string, type: string): string {
	const statements = [`import ${variable}, * as ${variable}all from ${source};`];
	for (const [index, specifier] of specifiers.entries()) {
		const isExport = type === 'ExportNamedDeclaration';
		const name = nameOf(isExport ? specifier.local : specifier.imported);
		const value =
			specifier.type === 'ImportNamespaceSpecifier'
				? `{ __proto__: Object(${variable}), ...${variable}all }`
				: name === 'default'
					? variable
					: `${variable}[${JSON.stringify(name)}]`;
		const local = isExport ? `${variable}${index}` : specifier.local.name;
		statements.push(`const ${local} = ${value};`);
		if (isExport) statements.push(`export { ${local} as ${JSON.stringify(nameOf(specifier.exported))} };`);
	}
	return statements.join(' ');
}

/**
 * Whether Node loads an imported specifier as CommonJS. If this is uncertain, it counts as an ES module.
 *
 * @param specifier a bare specifier
 * @param from the directory of the importer
 */
export function isCommonJs(specifier: string, from: string): boolean {
	const name = packageOf(specifier)!;
	const found = findPackage(name, from);
	if (!found) return false;
	const { directory, manifest } = found;
	const below = specifier.slice(name.length + 1);
	if (below && manifest.exports) {
		const { exports } = manifest;
		if (typeof exports !== 'object' || !(`./${below}` in exports)) return false;
	}
	const file = path.join(
		directory,
		below && !manifest.exports ? below : entryOf(manifest, below ? `./${below}` : '.')
	);
	if (/\.[cm]js$/.test(file)) return file.endsWith('.cjs');
	return !/\.(?:json|node)$/.test(file) && typeOf(path.dirname(file), directory) !== 'module';
}

/** The `type` of the nearest package.json, searched from a file upward to the root of its package. */
function typeOf(from: string, last: string): string | undefined {
	for (let directory = from; ; directory = path.dirname(directory)) {
		const file = path.join(directory, 'package.json');
		if (existsSync(file)) return (readManifest(file) as { type?: string }).type;
		if (directory === last || directory === path.dirname(directory)) return undefined;
	}
}
