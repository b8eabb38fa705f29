import type { Adapter, AdapterViteConfig } from '@sveltejs/kit';
import type { Plugin } from 'vite';

type AdapterVite = NonNullable<Adapter['vite']>;

/** SvelteKit 3's switch for tracing: a constant of the build. */
const FLAG = '__SVELTEKIT_SERVER_TRACING_ENABLED__';

/**
 * Makes SvelteKit's tracing a matter of the server's environment: the constant becomes an expression that
 * asks what `build/otel/register.js` has decided. Where that has not run, in preview, prerendering and
 * SvelteKit's own analysis, the app's `tracing.server` counts, as without us.
 *
 * @param base adapter-node's Vite plugins, which stay
 */
export function runtimeTracing(base: AdapterVite): AdapterVite {
	const plugin: Plugin = {
		name: 'vite-plugin-adapter-node-otel',
		apply: 'build',
		config(config) {
			const configured: string = config.define?.[FLAG] ?? 'false';
			return {
				define: { [FLAG]: `(globalThis[Symbol.for("adapter-node-otel")]?.enabled ?? ${configured})` }
			};
		}
	};

	const extend = ({ plugins, ...rest }: AdapterViteConfig): AdapterViteConfig => {
		const { pre = [], post = [] } = Array.isArray(plugins) ? { pre: plugins } : (plugins ?? {});
		// after SvelteKit's own, whose constant it replaces
		return { ...rest, plugins: { pre, post: [...post, plugin] } };
	};
	return typeof base === 'function' ? (context) => extend(base(context)) : extend(base);
}
