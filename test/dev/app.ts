import { type App, buildApp } from '../support/app.ts';
import type { CombinationId } from '../support/matrix.ts';

/** The app of these tests: one for all of them, because building takes longest. */
export const buildDevApp = (combination: CombinationId): Promise<App> =>
	buildApp({ combination, overlays: ['api', 'remote', 'dev'] });
