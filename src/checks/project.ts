import type { Builder } from '@sveltejs/kit';
import { asKit2 } from '../kit/kit-2.ts';
import { findAdapterNode } from '../project/adapter-node.ts';
import { findOptionsPlace } from '../project/options-place.ts';
import { versionOf } from '../project/project.ts';
import { checkTracingFlag } from './tracing-flag.ts';
import { checkVersions } from './versions.ts';

/** Logs what will not work in this project, before any file is written. */
export async function warnAboutProject(builder: Builder): Promise<void> {
	const kit2 = asKit2(builder);
	const messages = [
		checkVersions({
			kit: versionOf('@sveltejs/kit'),
			adapterNode: findAdapterNode()?.manifest.version
		}),
		kit2 && checkTracingFlag(kit2, await findOptionsPlace())
	];
	for (const message of messages) if (message) builder.log.warn(`adapter-node-otel: ${message}`);
}
