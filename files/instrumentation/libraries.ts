import type { Settings } from '../config/settings.ts';
import { log } from '../diagnostics/log.ts';
import type { BuildManifest, FoundInstrumentation } from '../types/build-manifest.d.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import type { QueryRedactor } from '../http/query.ts';
import type { Installed } from './instrumentations.ts';
import type { Providers } from './providers.ts';
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
	outgoing?: Outgoing | undefined;
	/** Begins to measure them; not there without metrics. */
	measureFetch?: (() => void) | undefined;
}

/**
 * Sets to work what instruments libraries: the part for outgoing requests that is bundled, what the app has
 * installed, and what it brings itself. Must be done before the app is imported.
 *
 * @returns the short names of those that work
 */
export async function instrumentLibraries(libraries: Libraries): Promise<string[]> {
	const { buildManifest, settings, own, redactQuery, providers, outgoing, measureFetch } = libraries;
	const { instrumentations: options = {} } = buildManifest.defaults;
	const ownNames = own.map(({ instrumentationName }) => instrumentationName);
	const bundled = { name: UNDICI };
	const installed = buildManifest.instrumentations.filter(({ name }) => !ownNames.includes(name));
	tellUnknown(settings.instrumentations, [UNDICI, ...installed.map(({ name }) => name), ...ownNames]);

	const fetching = outgoing?.fetchOptions(settings, redactQuery);
	const isReplaced = [...ownNames, ...installed.map(({ name }) => name)].includes(UNDICI);
	const isFetchSeen =
		(outgoing ?? measureFetch) !== undefined &&
		!isReplaced &&
		isWanted(bundled, settings.instrumentations, options) &&
		publishesFetch();
	if (isFetchSeen) measureFetch?.();
	if (isFetchSeen) outgoing?.traceFetch({ ...fetching, ...options[UNDICI] });

	const wanted = installed.filter(
		(each) => isWanted(each, settings.instrumentations, options) && isSupported(each)
	);
	const names = await instrumentInstalled(
		wanted.map((each) => ({
			...each,
			options: { ...(each.name === UNDICI && { ...fetching }), ...options[each.name] }
		})),
		own,
		providers
	);
	return isFetchSeen ? [shortName(UNDICI), ...names] : names;
}

/** Most apps have none, and need not read what they take. */
async function instrumentInstalled(
	installed: readonly Installed[],
	own: readonly Instrumentation[],
	providers: Providers
): Promise<string[]> {
	if (installed.length + own.length === 0) return [];
	const { instrument } = await import('./instrumentations.ts');
	return instrument(installed, own, providers);
}

/** Only Node has undici, whose diagnostics channels tell of requests. */
function publishesFetch(): boolean {
	if ('undici' in process.versions) return true;
	log(
		'warn',
		'outgoing fetch is not traced: only the fetch of Node can be, and this is another runtime. Run the server with Node'
	);
	return false;
}

/** The build has seen what versions of libraries there are. */
function isSupported({ name, unsupported = [] }: FoundInstrumentation): boolean {
	if (unsupported.length === 0) return true;
	log(
		'warn',
		`${name} does not support ${unsupported.join(', nor ')}: it is left out. Install versions of both that go together, and build again`
	);
	return false;
}
