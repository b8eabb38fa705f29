import type { Builder } from '@sveltejs/kit';
import { asKit2 } from '../kit/kit-2.ts';
import { versionOf } from '../project/project.ts';
import { checkTracingFlag } from './tracing-flag.ts';
import { type Versions, checkVersions, requirePair } from './versions.ts';

/**
 * Says what will not work in this project, before anything is written.
 *
 * @throws {Error} for versions with which nothing would
 */
export function warnAboutProject(builder: Builder): void {
	const versions: Versions = {
		kit: versionOf('@sveltejs/kit'),
		adapterNode: versionOf('@sveltejs/adapter-node')
	};
	requirePair(versions);

	const kit2 = asKit2(builder);
	const messages = [...checkVersions(versions), kit2 && checkTracingFlag(kit2)];
	for (const message of messages) if (message) builder.log.warn(`adapter-node-otel: ${message}`);
}
