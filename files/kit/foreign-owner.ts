import { readRegistry } from '../sdk/api-registry.ts';

/** The used parts of a tracer provider. The API's own proxy is registered, and the provider is its delegate. */
interface Provider {
	getDelegate?(): object;
	resource?: { attributes?: Record<string, unknown> };
	/** The same in SDK 2. */
	_resource?: Provider['resource'];
}

/** The used parts of Sentry's global state (https://github.com/getsentry/sentry-javascript/blob/develop/packages/core/src/carrier.ts). */
interface SentryCarrier {
	version: string;
	[version: string]: unknown;
}

interface SentryState {
	defaultCurrentScope?: { getClient?(): { getOptions?(): { enabled?: boolean } } | undefined };
}

/**
 * Describes the SDK that is registered instead of ours, and what to do to use ours. Returns a sentence for the
 * message that another SDK is used.
 */
export function describeOwner(): string {
	const registered = readRegistry()?.trace as Provider | undefined;
	const provider = (registered?.getDelegate?.() ?? registered) as Provider | undefined;
	const name = provider?.constructor.name ?? '';
	const sentry = (globalThis as { __SENTRY__?: SentryCarrier }).__SENTRY__;

	if (sentry && isOfSentry(name, provider)) {
		// https://docs.sentry.io/platforms/javascript/guides/sveltekit/opentelemetry/custom-setup/
		const option =
			Number.parseInt(sentry.version, 10) >= 11
				? 'enableOpenTelemetrySetup: false'
				: 'skipOpenTelemetrySetup: true';
		const state = isDisabled(sentry) ? ', and disabled: nothing is traced' : '';
		return `It is Sentry's${state}. Set \`${option}\` in Sentry.init() to use adapter-node-otel's`;
	}
	// a bundler may have changed the names
	const known = /^\w+TracerProvider$/.test(name) ? `It is a ${name}: remove it` : 'Remove it';
	return `${known} to use adapter-node-otel's`;
}

/** Sentry has its own provider, or uses OpenTelemetry's with its own resource. */
function isOfSentry(name: string, provider: Provider | undefined): boolean {
	const { attributes } = provider?.resource ?? provider?._resource ?? {};
	return name === 'SentryTracerProvider' || attributes?.['service.namespace'] === 'sentry';
}

function isDisabled(sentry: SentryCarrier): boolean {
	const state = sentry[sentry.version] as SentryState | undefined;
	return state?.defaultCurrentScope?.getClient?.()?.getOptions?.().enabled === false;
}
