import {
	type Resource,
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
import type { Facts } from '../seam.d.ts';
import type { Settings } from './settings.ts';

const DETECTORS = {
	// named as `createResourceFromOptsAndEnv` of `@opentelemetry/sdk-node` names them
	service: [serviceInstanceIdDetector],
	host: [hostDetector, osDetector],
	process: [processDetector]
};

/**
 * Who sends: from the least to the most specific, what the app's package.json says, what was detected, the
 * options of `telemetry`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`.
 */
export function createResource(facts: Facts, settings: Settings['resource']): Resource {
	const { app, distro, defaults } = facts;
	const detectors = settings.detectors.flatMap((name) => DETECTORS[name as keyof typeof DETECTORS]);

	return defaultResource()
		.merge(
			resourceFromAttributes({
				...(app.name && { [ATTR_SERVICE_NAME]: app.name }),
				...(app.version && { [ATTR_SERVICE_VERSION]: app.version })
			})
		)
		.merge(detectResources({ detectors }))
		.merge(
			resourceFromAttributes({
				...(defaults.serviceName && { [ATTR_SERVICE_NAME]: defaults.serviceName }),
				...defaults.resourceAttributes,
				...settings.attributes,
				...(settings.serviceName && { [ATTR_SERVICE_NAME]: settings.serviceName }),
				[ATTR_TELEMETRY_DISTRO_NAME]: distro.name,
				[ATTR_TELEMETRY_DISTRO_VERSION]: distro.version
			})
		);
}
