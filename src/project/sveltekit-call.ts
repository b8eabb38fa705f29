import { type AstTypes, Walker, parse } from '../libraries/sv-utils.ts';

/**
 * Finds the call of `sveltekit()` in Vite's configuration, under any imported name.
 *
 * @param program the parsed file
 */
export function findSvelteKitCall(program: AstTypes.Program): AstTypes.SimpleCallExpression | undefined {
	const name = program.body
		.filter((node) => node.type === 'ImportDeclaration')
		.filter(({ source }) => source.value === '@sveltejs/kit/vite')
		.flatMap(({ specifiers }) => specifiers)
		.find((each) => each.type === 'ImportSpecifier' && nameOf(each.imported) === 'sveltekit')?.local.name;
	let found: AstTypes.SimpleCallExpression | undefined;
	Walker.walk(program, null, {
		CallExpression(node: AstTypes.SimpleCallExpression, { next }: { next(): void }) {
			if (node.callee.type === 'Identifier' && node.callee.name === name) found ??= node;
			next();
		}
	});
	return found;
}

/**
 * Whether Vite's configuration passes options to SvelteKit.
 *
 * @param source the content of the file
 * @throws {Error} if it is not valid JavaScript or TypeScript
 */
export function takesOptions(source: string): boolean {
	const call = findSvelteKitCall(parse.script(source).ast);
	return call !== undefined && call.arguments.length > 0;
}

const nameOf = (node: AstTypes.Identifier | AstTypes.Literal): unknown =>
	node.type === 'Identifier' ? node.name : node.value;
