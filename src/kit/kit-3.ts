import type { Adapter, AdapterViteConfig } from '@sveltejs/kit';
import type { Plugin } from 'vite';
import { RUNTIME, TRACING_FLAG } from './globals.ts';

type AdapterVite = NonNullable<Adapter['vite']>;

/**
 * Lets the server's environment switch SvelteKit's tracing on and off. The constant becomes an expression
 * that reads the decision of `build/otel/register.js`, or of `files/dev` in a dev or preview server. If
 * neither runs, and during prerendering and SvelteKit's analysis, the app's `tracing.server` applies, as
 * without this package.
 */
export const runtimeTracing = (): Plugin => ({
	name: 'vite-plugin-adapter-node-otel',
	config(config) {
		const configured: string = config.define?.[TRACING_FLAG] ?? 'false';
		return { define: { [TRACING_FLAG]: `(${RUNTIME}?.enabled ?? ${configured})` } };
	}
});

/**
 * Adds Vite plugins to those of adapter-node.
 *
 * @param base adapter-node's plugins, which are kept
 * @param ours `pre` plugins run before SvelteKit's own; `post` plugins run after SvelteKit, so that they
 * can replace its constants, and before adapter-node
 */
export function withPlugins(base: AdapterVite, ours: Record<'pre' | 'post', readonly Plugin[]>): AdapterVite {
	const extend = ({ plugins, ...rest }: AdapterViteConfig): AdapterViteConfig => {
		const { pre = [], post = [] } = Array.isArray(plugins) ? { pre: plugins } : (plugins ?? {});
		return { ...rest, plugins: { pre: [...ours.pre, ...pre], post: [...ours.post, ...post] } };
	};
	return typeof base === 'function' ? (context) => extend(base(context)) : extend(base);
}
