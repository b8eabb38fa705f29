/* What the modules in this directory import from SvelteKit. `src/kit/wrappers.ts` resolves it. */

/** The SvelteKit module that the importing module replaces. */
declare module 'sveltekit:itself' {
	export const otel: unknown;
	export function init_tracing(api: Promise<unknown>): void;
	export const record_span: import('../types/runtime.ts').RecordSpan;
	export const render_response: (options: { page_config?: { ssr?: boolean } }) => Promise<Response>;
	export const handle_error_and_jsonify: (...args: unknown[]) => unknown;
	export const get_response: import('../types/runtime.ts').GetResponse;
	export function init_remote_functions(
		module: Readonly<Record<string, { __: { id: string; name: string } }>>,
		...args: unknown[]
	): void;
	export function respond(...args: unknown[]): Promise<Response>;
}

/** `@sveltejs/kit/internal` */
declare module 'sveltekit:internal' {
	export class HttpError {
		status: number;
		body: { message: string };
	}
	export class Redirect {
		status: number;
		location: string;
	}
}

/** `@sveltejs/kit/internal/server` */
declare module 'sveltekit:internal-server' {
	export const otel: unknown;
}
