import { type AstTypes, type transforms } from '../libraries/sv-utils.ts';
import { ADAPTER_NODE } from '../project/adapter-node.ts';
import type { OptionsPlace } from '../project/options-place.ts';
import { own } from '../project/project.ts';
import { findSvelteKitCall } from '../project/sveltekit-call.ts';
import { valueOf } from './value-of.ts';

/** What sv's tools provide for editing a script. */
export type Script = Parameters<Parameters<typeof transforms.script>[0]>[0];

type Js = Script['js'];

/** SvelteKit's options in a parsed file: the position of the adapter, and `experimental`. */
export interface Options {
	kit: AstTypes.ObjectExpression;
	adapter?: {
		call: AstTypes.SimpleCallExpression;
		importedFrom: AstTypes.ImportDeclaration;
	};
}

/** A change that the user must make by hand, because it cannot be automated for every project. */
export class ByHand extends Error {}

/**
 * Finds SvelteKit's options, and adds them if there are none.
 *
 * @throws {ByHand} if the file does not have the form that SvelteKit documents
 */
export function readOptions({ ast, js }: Script, { file, kind }: OptionsPlace): Options {
	const kit = kind === 'vite' ? argumentOf(ast, js, file) : kitOf(ast, js, file);
	const property = propertyOf(kit, 'adapter');
	if (!property) return { kit };

	const value = valueOf(ast, property.value);
	const importedFrom =
		value.type === 'CallExpression' &&
		value.callee.type === 'Identifier' &&
		findDefaultImport(ast, value.callee.name);
	if (!importedFrom) throw new ByHand(`\`adapter\` of ${file} is not a call of an imported adapter`);
	return { kit, adapter: { call: value as AstTypes.SimpleCallExpression, importedFrom } };
}

/** The package that the adapter is imported from. */
export const packageOf = ({ adapter }: Options): string | undefined =>
	adapter && String(adapter.importedFrom.source.value);

/**
 * The directory of the built server.
 *
 * @returns undefined if it is adapter-node's default, or not written in the file
 */
export function outOf({ ast }: Script, { adapter }: Options): string | undefined {
	const argument = adapter?.call.arguments[0];
	const options = argument && valueOf(ast, argument as AstTypes.Expression);
	const property = options?.type === 'ObjectExpression' ? propertyOf(options, 'out') : undefined;
	const out = property && valueOf(ast, property.value);
	return out?.type === 'Literal' && typeof out.value === 'string' ? out.value : undefined;
}

/**
 * Replaces the adapter. Options of adapter-node are kept; options of another adapter are removed.
 *
 * @returns whether anything has changed
 */
export function swapAdapter({ ast, js, comments }: Script, options: Options): boolean {
	const name = own.name!;
	const before = packageOf(options);
	if (before === name) return false;
	if (options.adapter) {
		const { call, importedFrom } = options.adapter;
		importedFrom.source = js.common.createLiteral(name) as AstTypes.Literal & { value: string };
		if (before !== ADAPTER_NODE) call.arguments = [];
		// the comment that `sv create` writes above adapter-auto
		comments.remove(({ value }) =>
			/adapter-auto|your environment is not supported|kit\/adapters/.test(value)
		);
		return true;
	}
	js.imports.addDefault(ast, { from: name, as: 'adapter' });
	js.object.overrideProperties(options.kit, {
		adapter: js.functions.createCall({ name: 'adapter', args: [], useIdentifiers: true })
	});
	return true;
}

/**
 * Sets flags of `experimental` to `{ server: true }`.
 *
 * @returns whether anything has changed
 * @throws {ByHand} if `experimental` is not an object
 */
export function setFlags(
	{ ast, js }: Script,
	{ kit }: Options,
	flags: readonly string[],
	file: string
): boolean {
	const property = propertyOf(kit, 'experimental');
	const experimental = property && objectOf(ast, property.value, `\`experimental\` of ${file}`);
	const missing = flags.filter((flag) => !isOn(experimental, flag));
	if (missing.length === 0) return false;
	const added = Object.fromEntries(missing.map((flag) => [flag, { server: true }]));
	if (experimental) js.object.overrideProperties(experimental, added);
	else js.object.overrideProperties(kit, { experimental: added });
	return true;
}

function isOn(experimental: AstTypes.ObjectExpression | undefined, flag: string): boolean {
	const value = experimental && propertyOf(experimental, flag)?.value;
	const server = value?.type === 'ObjectExpression' && propertyOf(value, 'server')?.value;
	return server && server.type === 'Literal' ? server.value === true : false;
}

function argumentOf(ast: AstTypes.Program, js: Js, file: string): AstTypes.ObjectExpression {
	const call = findSvelteKitCall(ast);
	if (!call) throw new ByHand(`${file} calls no \`sveltekit()\``);
	call.arguments[0] ??= js.object.create({});
	return objectOf(
		ast,
		call.arguments[0] as AstTypes.Expression,
		`the argument of \`sveltekit()\` in ${file}`
	);
}

function kitOf(ast: AstTypes.Program, js: Js, file: string): AstTypes.ObjectExpression {
	const { value } = js.exports.createDefault(ast, { fallback: js.object.create({}) });
	const config = objectOf(ast, value, `the default export of ${file}`);
	const kit = js.object.property(config, { name: 'kit', fallback: js.object.create({}) });
	return objectOf(ast, kit, `\`kit\` of ${file}`);
}

function objectOf(
	ast: AstTypes.Program,
	expression: AstTypes.Expression,
	what: string
): AstTypes.ObjectExpression {
	const value = valueOf(ast, expression);
	if (value.type !== 'ObjectExpression') throw new ByHand(`${what} is not written as an object`);
	return value;
}

function propertyOf(
	{ properties }: AstTypes.ObjectExpression,
	name: string
): (AstTypes.Property & { value: AstTypes.Expression }) | undefined {
	return properties.find(
		(each): each is AstTypes.Property & { value: AstTypes.Expression } =>
			each.type === 'Property' &&
			((each.key.type === 'Identifier' && each.key.name === name) ||
				(each.key.type === 'Literal' && each.key.value === name))
	);
}

function findDefaultImport(ast: AstTypes.Program, name: string): AstTypes.ImportDeclaration | undefined {
	return ast.body.find(
		(node): node is AstTypes.ImportDeclaration =>
			node.type === 'ImportDeclaration' &&
			node.specifiers.some((each) => isDefault(each) && each.local.name === name)
	);
}

/** `import name from …` or `import { default as name } from …`. */
const isDefault = (specifier: AstTypes.ImportDeclaration['specifiers'][number]): boolean =>
	specifier.type === 'ImportDefaultSpecifier' ||
	(specifier.type === 'ImportSpecifier' &&
		specifier.imported.type === 'Identifier' &&
		specifier.imported.name === 'default');
