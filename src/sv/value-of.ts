import { type AstTypes, Walker } from '../libraries/sv-utils.ts';

/**
 * The value that an expression stands for: what a variable of the same file is declared with, without
 * `as` and `satisfies`.
 *
 * @param ast the parsed file
 * @param expression a part of it
 * @returns the expression itself if its value is not written in the file
 */
export function valueOf(ast: AstTypes.Program, expression: AstTypes.Expression): AstTypes.Expression {
	let node = expression as AstTypes.Expression | AstTypes.TSAsExpression | AstTypes.TSSatisfiesExpression;
	for (const seen = new Set<unknown>(); !seen.has(node);) {
		seen.add(node);
		if (node.type === 'TSSatisfiesExpression' || node.type === 'TSAsExpression') node = node.expression;
		else if (node.type === 'Identifier') node = findInitializer(ast, node.name) ?? node;
	}
	return node as AstTypes.Expression;
}

/** Variables with the same name in two functions are not distinguished: they have no value here. */
function findInitializer(ast: AstTypes.Program, name: string): AstTypes.Expression | undefined {
	const found: (AstTypes.Expression | undefined)[] = [];
	Walker.walk(ast as AstTypes.Node, null, {
		VariableDeclarator({ id, init }: AstTypes.VariableDeclarator, { next }: { next(): void }) {
			if (id.type === 'Identifier' && id.name === name) found.push(init ?? undefined);
			next();
		}
	});
	return found.length === 1 ? found[0] : undefined;
}
