import { nearestKit } from './adapter-node.ts';

/** The oldest SvelteKit that the end-to-end tests run with: its tracing began there. */
export const OLDEST_KIT = '2.31.0';

/** The newest releases of each SvelteKit and its adapter-node that the end-to-end tests run with. */
export const NEWEST_TESTED: Record<number, { kit: string; adapterNode: string }> = {
	2: { kit: '2.70.4', adapterNode: '5.5.7' },
	3: { kit: '3.2.0', adapterNode: '6.0.1' }
};

/**
 * Those for the SvelteKit of a project.
 *
 * @param kit the version of SvelteKit
 */
export const newestTested = (kit: string | undefined): { kit: string; adapterNode: string } =>
	NEWEST_TESTED[nearestKit(kit)]!;
