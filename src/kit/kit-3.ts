import type { Adapter, AdapterViteConfig } from '@sveltejs/kit';
import type { Plugin } from 'vite';

type AdapterVite = NonNullable<Adapter['vite']>;

/** SvelteKit 3's switch for tracing: a constant of the build. */
const FLAG = '__SVELTEKIT_SERVER_TRACING_ENABLED__';

/**
 * Makes SvelteKit's tracing a matter of the server's environment: the constant becomes an expression that
 * asks what `build/otel/register.js` has decided, or `files/dev` in a dev or preview server. Where neither has
 * anything to do, and in prerendering and SvelteKit's own analysis, the app's `tracing.server` counts, as
 * without us.
 */
export const runtimeTracing = (): Plugin => ({
	name: 'vite-plugin-adapter-node-otel',
	config(config) {
		const configured: string = config.define?.[FLAG] ?? 'false';
		return {
			define: { [FLAG]: `(globalThis[Symbol.for("adapter-node-otel")]?.enabled ?? ${configured})` }
		};
	}
});

/**
 * Adds Vite plugins to those of an adapter.
 *
 * @param base adapter-node's, which stay
 * @param ours `pre` come before SvelteKit's own; `post` see the configuration after SvelteKit, whose constants
 * they replace, and before adapter-node
 */
export function withPlugins(base: AdapterVite, ours: Record<'pre' | 'post', readonly Plugin[]>): AdapterVite {
	const extend = ({ plugins, ...rest }: AdapterViteConfig): AdapterViteConfig => {
		const { pre = [], post = [] } = Array.isArray(plugins) ? { pre: plugins } : (plugins ?? {});
		return { ...rest, plugins: { pre: [...ours.pre, ...pre], post: [...ours.post, ...post] } };
	};
	return typeof base === 'function' ? (context) => extend(base(context)) : extend(base);
}
