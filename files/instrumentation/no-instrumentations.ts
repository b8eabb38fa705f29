import { diag } from '@opentelemetry/api';
import type { StartedInstrumentations } from '../types/made-instrumentations.d.ts';

/**
 * Replaces `instrumentations.ts` and the import hooks in a build that has found no instrumentation and no
 * `instrumentation.server` file (`src/instrumentation/copy-runtime.ts`). It is called only if the emitted
 * build manifest has been changed.
 */
export function instrument(): StartedInstrumentations {
	// not `log`, which would become a chunk of its own
	diag.warn(
		'this build has no code for instrumentations, because it found none: libraries are not traced. Install them with the dependencies of the app, and build again'
	);
	return { names: [], alreadyLoaded: [] };
}
