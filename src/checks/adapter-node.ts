import { existsSync } from 'node:fs';
import type adapterNode from '@sveltejs/adapter-node';
import { API } from '../api/share-api.ts';
import { ADAPTER_NODE, findAdapterNode, fittingAdapterNode } from '../project/adapter-node.ts';
import { installCommand } from '../project/package-manager.ts';
import { versionOf } from '../project/project.ts';
import { newestTested } from '../project/tested-versions.ts';
import { majorOf } from '../project/version.ts';
import { isApiMissing } from './api.ts';

/**
 * Requires that the project has an adapter-node that matches its SvelteKit. Other combinations do not work
 * together.
 *
 * @param loaded adapter-node, or undefined if it is not installed
 * @param from the directory of the app
 * @throws {Error} if the app cannot be built with it
 */
export function requireAdapterNode(
	loaded: typeof adapterNode | undefined,
	from?: string
): typeof adapterNode {
	const kit = versionOf('@sveltejs/kit', from);
	const fitting = fittingAdapterNode(kit);
	const wanted = fitting === undefined ? ADAPTER_NODE : `${ADAPTER_NODE}@${fitting}`;
	// the next build would ask for it
	const packages = isApiMissing(from) ? [wanted, API] : [wanted];
	const command = installCommand(packages, { dev: true, ...(from && { from }) });

	if (!loaded) {
		throw new Error(
			`adapter-node-otel: ${ADAPTER_NODE}, which generates the server, is not installed. Install it: ${command}`
		);
	}
	const version = findAdapterNode(from)?.manifest.version;
	if (version !== undefined && fitting !== undefined && majorOf(version) !== fitting) {
		throw new Error(
			`adapter-node-otel: ${ADAPTER_NODE} ${version} does not work with SvelteKit ${kit}. Install the one that does: ${command}`
		);
	}
	return loaded;
}

/**
 * Requires that adapter-node has written an entry of the server.
 *
 * @param file the entry
 * @param from the directory of the app
 * @throws {Error} if it has not
 */
export function requireEntry(file: string, from?: string): void {
	if (existsSync(file)) return;
	const version = findAdapterNode(from)?.manifest.version;
	const tested = `${ADAPTER_NODE}@${newestTested(versionOf('@sveltejs/kit', from)).adapterNode}`;
	throw new Error(
		`adapter-node-otel: ${ADAPTER_NODE} ${version} has not written ${file}: this version is not supported. Install the newest that is tested: ${installCommand([tested], { dev: true, ...(from && { from }) })}`
	);
}
