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

/** How long the start waits for what is found out by asking the system: it is in time, or left out. */
const DETECTION_LIMIT_MS = 1000;

/**
 * Without the arguments of the command: they may carry a password, and the conventions want them collected
 * only where that is excluded (https://opentelemetry.io/docs/specs/semconv/resource/process/).
 */
const processWithoutArguments: ResourceDetector = {
	detect() {
		const { [ATTR_PROCESS_COMMAND_ARGS]: _, ...attributes } = processDetector.detect().attributes ?? {};
		return { attributes };
	}
};

const DETECTORS = {
	// named as `createResourceFromOptsAndEnv` of `@opentelemetry/sdk-node` names them
	service: [serviceInstanceIdDetector],
	host: [hostDetector, osDetector],
	os: [osDetector],
	process: [processWithoutArguments]
};

/**
 * Who sends: from the least to the most specific, what the app's package.json says, what was detected, the
 * options of `telemetry`, the environment or the configuration file.
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

/** The host's id comes from a file, or from a command. A resource that waits for it would keep the first export waiting. */
async function settle(resource: Resource): Promise<Resource> {
	const { promise: limit, resolve } = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, DETECTION_LIMIT_MS);
	await Promise.race([resource.waitForAsyncAttributes?.(), limit]);
	clearTimeout(timer);

	// without a file that names the host, its id is undefined, which would be told as invalid
	const known = resource
		.getRawAttributes()
		.filter(([, value]) => value !== undefined && !(value instanceof Promise));
	return resourceFromAttributes(Object.fromEntries(known) as Attributes);
}
