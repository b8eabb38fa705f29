import type { AppOptions } from './app.ts';
import { type CombinationId, matrix } from './matrix.ts';

/** What an app needs to have a `src/instrumentation.server` file: on Kit 2 it is an experiment. */
export function withInstrumentationFile(
	combination: CombinationId,
	code: string
): Pick<AppOptions, 'combination' | 'files' | 'kit'> {
	return {
		combination,
		files: { 'src/instrumentation.server.js': code },
		...(matrix[combination].generation === 2 && {
			kit: { experimental: { instrumentation: { server: true } } }
		})
	};
}
