/** The name of SvelteKit's tracer. */
export const KIT = 'sveltekit';

/** The name of SvelteKit's span around every request, including requests that the app makes to itself. */
export const ROOT = 'sveltekit.handle.root';
