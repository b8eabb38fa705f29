import type { Settings } from '../config/settings.ts';
import type { BuildManifest } from '../types/build-manifest.d.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import type { QueryRedactor } from '../http/query.ts';
import type { Providers } from './instrumentations.ts';
import { isWanted, shortName, tellUnknown } from './select.ts';

/** The package whose part for outgoing requests is bundled with us. */
const UNDICI = '@opentelemetry/instrumentation-undici';

/** What of `fetch.ts` is used, which is loaded only where it is. */
export type Outgoing = Pick<typeof import('./fetch.ts'), 'fetchOptions' | 'traceFetch'>;

/** What there is to instrument the app's libraries with, and how. */
export interface Libraries {
	buildManifest: BuildManifest;
	settings: Settings;
	/** The app's own, of `src/instrumentation.server`: they take the place of those that the build has found. */
	own: readonly Instrumentation[];
	/** What is kept of the query of outgoing requests. */
	redactQuery: QueryRedactor;
	/** Where it all goes. */
	providers: Providers;
	/** What traces outgoing requests; not there where requests are none of telemetry's business. */
	outgoing?: Outgoing;
}

/**
 * Sets to work what instruments libraries: the part for outgoing requests that is bundled, what the app has
 * installed, and what it brings itself. Must be done before the app is imported.
 *
 * @returns the short names of those that work
 */
export async function instrumentLibraries(libraries: Libraries): Promise<string[]> {
	const { buildManifest, settings, own, redactQuery, providers, outgoing } = libraries;
	const { instrumentations: options = {} } = buildManifest.defaults;
	const ownNames = own.map(({ instrumentationName }) => instrumentationName);
	const bundled = { name: UNDICI };
	const installed = buildManifest.instrumentations.filter(({ name }) => !ownNames.includes(name));
	tellUnknown(settings.instrumentations, [UNDICI, ...installed.map(({ name }) => name), ...ownNames]);

	const fetching = outgoing?.fetchOptions(settings, redactQuery);
	const isReplaced = [...ownNames, ...installed.map(({ name }) => name)].includes(UNDICI);
	const isFetchTraced = outgoing && !isReplaced && isWanted(bundled, settings.instrumentations, options);
	if (isFetchTraced) outgoing.traceFetch({ ...fetching, ...options[UNDICI] });

	const wanted = installed
		.filter((each) => isWanted(each, settings.instrumentations, options))
		.map((each) => ({
			...each,
			options: { ...(each.name === UNDICI && { ...fetching }), ...options[each.name] }
		}));
	const names = wanted.length + own.length === 0 ? [] : await instrument(wanted, own, providers);
	return isFetchTraced ? [shortName(UNDICI), ...names] : names;
}

/** Most apps have none: what sets them to work is loaded where there are some. */
async function instrument(
	...args: Parameters<typeof import('./instrumentations.ts').instrument>
): Promise<string[]> {
	const instrumentations = await import('./instrumentations.ts');
	return instrumentations.instrument(...args);
}
