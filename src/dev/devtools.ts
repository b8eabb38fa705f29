import type { ResolvedConfig } from 'vite';
import { readFacts } from './server-facts.ts';

/** The part of the context of Vite DevTools that is used (https://devtools.vite.dev/kit). */
interface Context {
	viteConfig: ResolvedConfig;
	docks: { register(entry: Record<string, string>): unknown };
}

/** The hook that Vite DevTools calls on each plugin. */
export interface DevTools {
	devtools: { setup(context: Context): void };
}

/** A waterfall, which has the colour of the other entries. */
const ICON =
	'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="%23888" stroke-width="2.5" stroke-linecap="round"%3E%3Cpath d="M3 6h15M7 12h10M11 18h10"/%3E%3C/svg%3E';

/** Adds the page of traces to Vite DevTools, in projects that have it. Shown there, it is loaded as by a browser. */
export function addDock({ viteConfig, docks }: Context): void {
	docks.register({
		id: 'adapter-node-otel',
		title: 'Traces',
		icon: ICON,
		type: 'iframe',
		url: `${readFacts('dev', viteConfig, true).base}/__otel`
	});
}
