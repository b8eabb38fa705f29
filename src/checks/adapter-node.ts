import type adapterNode from '@sveltejs/adapter-node';
import { ADAPTER_NODE, findAdapterNode, fittingAdapterNode } from '../project/adapter-node.ts';
import { installCommand } from '../project/package-manager.ts';
import { versionOf } from '../project/project.ts';
import { majorOf } from '../project/version.ts';

/**
 * The adapter-node that the project has, if it is there and goes with its SvelteKit: one does not know what
 * the other asks of it.
 *
 * @param loaded adapter-node, unless there is none
 * @param from the directory of the app
 * @throws {Error} when nothing could be built with it
 */
export function requireAdapterNode(
	loaded: typeof adapterNode | undefined,
	from?: string
): typeof adapterNode {
	const kit = versionOf('@sveltejs/kit', from);
	const fitting = fittingAdapterNode(kit);
	const wanted = fitting === undefined ? ADAPTER_NODE : `${ADAPTER_NODE}@${fitting}`;
	const remedy = `Install the one that does: ${installCommand([wanted], { dev: true, ...(from && { from }) })}`;

	if (!loaded) {
		throw new Error(`adapter-node-otel: there is no ${ADAPTER_NODE} here, which makes the server. ${remedy}`);
	}
	const version = findAdapterNode(from)?.manifest.version;
	if (version !== undefined && fitting !== undefined && majorOf(version) !== fitting) {
		throw new Error(
			`adapter-node-otel: ${ADAPTER_NODE} ${version} does not work with SvelteKit ${kit}. ${remedy}`
		);
	}
	return loaded;
}
