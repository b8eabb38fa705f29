/** The name of SvelteKit's tracer. */
export const KIT = 'sveltekit';

/** The name of SvelteKit's span around every request, including requests that the app makes to itself. */
export const ROOT = 'sveltekit.handle.root';

/** SvelteKit's attribute that distinguishes requests that the app makes to itself from incoming ones. */
export const IS_SUB_REQUEST = 'sveltekit.is_sub_request';

/** The name of SvelteKit's span around `resolve`, below the handle hooks. */
export const RESOLVE = 'sveltekit.resolve';

/** SvelteKit's value for unknown attributes. */
export const UNKNOWN = 'unknown';
