/** The part of a parsed module that is used: https://github.com/estree/estree/blob/master/es2015.md#modules */
export interface Program {
	body: readonly Node[];
}

interface Node {
	type: string;
	start: number;
	end: number;
	source?: Literal | null;
	specifiers?: readonly Specifier[];
}

interface Literal {
	value?: unknown;
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

/** The name of the function that is added to a module that needs a namespace. */
const NAMESPACE = 'commonJs$namespace';

/**
 * A namespace with all names that `module.exports` has at run time. It is a declaration, so it may be the last one
 * of a module.
 */
const namespaceFunction = `function ${NAMESPACE}(value, all) {
	const from = Object(value);
	const namespace = Object.create(Object.getPrototypeOf(from));
	for (const key of new Set([...Reflect.ownKeys(all), ...Reflect.ownKeys(from)])) {
		if (key === Symbol.toStringTag) continue;
		const get = () => (key in all ? all[key] : from[key]);
		Object.defineProperty(namespace, key, { enumerable: true, configurable: true, get });
	}
	return namespace;
}`.replace(/\n\t*/g, ' ');

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
	program: Program,
	isBound: (specifier: string) => boolean
): string | undefined {
	let result = '';
	let done = 0;
	for (const [index, node] of importsOf(program).entries()) {
		const specifier = node.source?.value;
		if (typeof specifier !== 'string' || !isBound(specifier)) continue;
		const bound = bind(node, specifier, `commonJs${index}$`, code);
		if (bound === undefined) continue;
		const lines = code.slice(node.start, node.end).split('\n').length - bound.split('\n').length;
		result += code.slice(done, node.start) + bound + '\n'.repeat(lines);
		done = node.end;
	}
	if (done === 0) return undefined;
	result += code.slice(done);
	return result.includes(NAMESPACE) ? `${result}\n${namespaceFunction}\n` : result;
}

/** The imports of a module by their place in it, dynamic ones too. */
function importsOf(program: Program): Node[] {
	const found: Node[] = [];
	const visit = (value: unknown): void => {
		if (Array.isArray(value)) return value.forEach(visit);
		if (typeof value !== 'object' || value === null) return;
		const node = value as Node;
		if (/^(?:ImportDeclaration|ExportNamedDeclaration|ImportExpression)$/.test(node.type)) found.push(node);
		Object.values(node).forEach(visit);
	};
	visit(program.body);
	return found.sort((a, b) => a.start - b.start);
}

function bind(
	{ type, specifiers = [], start, end }: Node,
	specifier: string,
	variable: string,
	code: string
): string | undefined {
	if (type === 'ImportExpression') {
		return `${code.slice(start, end)}.then((all) => ${NAMESPACE}(all.default, all))`;
	}
	return specifiers.some(isNamedSpecifier)
		? bindStatic(specifiers, JSON.stringify(specifier), variable, type === 'ExportNamedDeclaration')
		: undefined;
}

const isNamedSpecifier = ({ type, imported, local }: Specifier): boolean =>
	type === 'ImportNamespaceSpecifier' || nameOf(type === 'ExportSpecifier' ? local : imported) !== 'default';

const nameOf = (name: Name | undefined): string => name?.name ?? name?.value ?? 'default';

function bindStatic(
	specifiers: readonly Specifier[],
	source: string,
	variable: string,
	isExport: boolean
): string {
	const statements = [`import ${variable}, * as ${variable}all from ${source};`];
	for (const [index, specifier] of specifiers.entries()) {
		const name = nameOf(isExport ? specifier.local : specifier.imported);
		const value =
			specifier.type === 'ImportNamespaceSpecifier'
				? `${NAMESPACE}(${variable}, ${variable}all)`
				: name === 'default'
					? variable
					: `${variable}[${JSON.stringify(name)}]`;
		const local = isExport ? `${variable}${index}` : specifier.local.name;
		statements.push(`const ${local} = ${value};`);
		if (isExport) statements.push(`export { ${local} as ${JSON.stringify(nameOf(specifier.exported))} };`);
	}
	return statements.join(' ');
}
