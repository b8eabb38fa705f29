import type { Settings } from '../config/settings.ts';
import { log } from '../diagnostics/log.ts';
import type { BuildManifest, FoundInstrumentation } from '../types/build-manifest.d.ts';
import type { DevStart } from '../types/dev.d.ts';
import type { FetchInstrumentation } from '../types/package-names.d.ts';
import type { Providers, StartedInstrumentations } from '../types/made-instrumentations.d.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import type { QueryRedactor } from '../http/query.ts';
import type { Installed } from './instrumentations.ts';
import { isWanted, shortName, logUnknown } from './select.ts';

const UNDICI: FetchInstrumentation = '@opentelemetry/instrumentation-undici';

/** The used exports of `fetch.ts`, which is loaded only if needed. */
export type Outgoing = Pick<typeof import('./fetch.ts'), 'fetchOptions' | 'traceFetch'>;

/** The instrumentations for the app's libraries, and their options. */
export interface Libraries {
	buildManifest: BuildManifest;
	/** The differences in a dev or preview server. */
	dev?: DevStart | undefined;
	settings: Settings;
	/** The app's own, from `src/instrumentation.server`. They replace those that the build has found. */
	own: readonly Instrumentation[];
	/** Redacts the query of outgoing requests. */
	redactQuery: QueryRedactor;
	/** The providers that instrumentations use. */
	providers: Providers;
	/** Traces outgoing requests. Undefined if requests are not traced. */
	outgoing?: Outgoing | undefined;
	/** Starts to measure them. Undefined if metrics are off. */
	measureFetch?: (() => void) | undefined;
}

/**
 * Starts the instrumentations of libraries: the bundled one for outgoing requests, the installed ones, and those
 * that the app creates itself. Must run before the app is imported.
 */
export async function instrumentLibraries(libraries: Libraries): Promise<StartedInstrumentations> {
	const { buildManifest, dev, settings, own, redactQuery, providers, outgoing, measureFetch } = libraries;
	const { instrumentations: options = {} } = buildManifest.defaults;
	const ownNames = own.map(({ instrumentationName }) => instrumentationName);
	const bundled = { name: UNDICI };
	const installed = buildManifest.instrumentations.filter(({ name }) => !ownNames.includes(name));
	logUnknown(settings.instrumentations, [UNDICI, ...installed.map(({ name }) => name), ...ownNames]);

	const fetching = outgoing?.fetchOptions(settings, redactQuery);
	const isReplaced = [...ownNames, ...installed.map(({ name }) => name)].includes(UNDICI);
	const isFetchSeen =
		(outgoing ?? measureFetch) !== undefined &&
		!isReplaced &&
		isWanted(bundled, settings.instrumentations, options) &&
		publishesFetch();

	const wanted = installed.filter(
		(each) => isWanted(each, settings.instrumentations, options) && isSupported(each)
	);
	const instrument = (): Promise<StartedInstrumentations> =>
		instrumentInstalled(
			wanted.map((each) => ({
				...each,
				options: { ...(each.name === UNDICI && { ...fetching }), ...options[each.name] }
			})),
			own,
			providers
		);
	const { names, alreadyLoaded, isFetchTraced } = await (dev
		? dev.instrumentOnce(instrument, providers)
		: instrument());
	if (isFetchSeen) measureFetch?.();
	if (!isFetchSeen || isFetchTraced) return { names, alreadyLoaded };
	const fetchTracing = outgoing?.traceFetch({ ...fetching, ...options[UNDICI] });
	dev?.onStop(() => fetchTracing?.disable());
	return { names: [shortName(UNDICI), ...names], alreadyLoaded };
}

/** Loads the code for installed instrumentations only if there are any, because most apps have none. */
async function instrumentInstalled(
	installed: readonly Installed[],
	own: readonly Instrumentation[],
	providers: Providers
): Promise<StartedInstrumentations> {
	if (installed.length + own.length === 0) return { names: [], alreadyLoaded: [] };
	const { instrument } = await import('./instrumentations.ts');
	return instrument(installed, own, providers);
}

/** Whether requests are published on undici's diagnostics channels. Only Node has them. */
function publishesFetch(): boolean {
	if ('undici' in process.versions) return true;
	log(
		'warn',
		'outgoing fetch is not traced: only the fetch of Node can be, and this is another runtime. Run the server with Node'
	);
	return false;
}

/** Whether the versions of the libraries that the build found are supported. */
function isSupported({ name, unsupported = [] }: FoundInstrumentation): boolean {
	if (unsupported.length === 0) return true;
	log(
		'warn',
		`${name} does not support ${unsupported.join(', nor ')}: it is left out. Install compatible versions, and build again`
	);
	return false;
}
