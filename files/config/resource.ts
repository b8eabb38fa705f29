import type { Attributes } from '@opentelemetry/api';
import {
	type Resource,
	type ResourceDetector,
	defaultResource,
	detectResources,
	hostDetector,
	osDetector,
	processDetector,
	resourceFromAttributes,
	serviceInstanceIdDetector
} from '@opentelemetry/resources';
import {
	ATTR_SERVICE_NAME,
	ATTR_SERVICE_VERSION,
	ATTR_TELEMETRY_DISTRO_NAME,
	ATTR_TELEMETRY_DISTRO_VERSION
} from '@opentelemetry/semantic-conventions';
import { ATTR_PROCESS_COMMAND_ARGS } from '@opentelemetry/semantic-conventions/incubating';
import type { BuildManifest } from '../types/build-manifest.d.ts';
import type { ResourceSettings } from './settings.ts';

/** Maximum time that the start waits for resource detectors; attributes that take longer are omitted. */
const DETECTION_LIMIT_MS = 1000;

/**
 * Process attributes without the command-line arguments: these may contain a password, and the semantic
 * conventions allow them by default only if that is excluded
 * (https://opentelemetry.io/docs/specs/semconv/resource/process/).
 */
const processWithoutArguments: ResourceDetector = {
	detect() {
		const { [ATTR_PROCESS_COMMAND_ARGS]: _, ...attributes } = processDetector.detect().attributes ?? {};
		return { attributes };
	}
};

const DETECTORS = {
	// the same names as in `createResourceFromOptsAndEnv` of `@opentelemetry/sdk-node`
	service: [serviceInstanceIdDetector],
	host: [hostDetector, osDetector],
	os: [osDetector],
	process: [processWithoutArguments]
};

/**
 * Creates the resource. From the lowest to the highest precedence: the app's package.json, the resource
 * detectors, the options of `telemetry`, the environment or the configuration file.
 */
export async function createResource(
	{ app, distro }: Pick<BuildManifest, 'app' | 'distro'>,
	settings: ResourceSettings
): Promise<Resource> {
	const detected = await settle(
		detectResources({ detectors: [...new Set(settings.detectors.flatMap((name) => DETECTORS[name]))] })
	);
	return defaultResource()
		.merge(
			resourceFromAttributes({
				...(app.name && { [ATTR_SERVICE_NAME]: app.name }),
				...(app.version && { [ATTR_SERVICE_VERSION]: app.version })
			})
		)
		.merge(detected)
		.merge(
			resourceFromAttributes({
				...settings.attributes,
				[ATTR_TELEMETRY_DISTRO_NAME]: distro.name,
				[ATTR_TELEMETRY_DISTRO_VERSION]: distro.version
			})
		);
}

/**
 * Waits for asynchronous attributes: the host id is read from a file or a command, and would delay the first
 * export.
 */
async function settle(resource: Resource): Promise<Resource> {
	const { promise: limit, resolve } = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, DETECTION_LIMIT_MS);
	await Promise.race([resource.waitForAsyncAttributes?.(), limit]);
	clearTimeout(timer);

	// without a file for the host id, its value is undefined, which would be logged as invalid
	const known = resource
		.getRawAttributes()
		.filter(([, value]) => value !== undefined && !(value instanceof Promise));
	return resourceFromAttributes(Object.fromEntries(known) as Attributes);
}
