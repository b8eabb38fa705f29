/** The name under which SvelteKit asks for its tracer. */
export const KIT = 'sveltekit';

/** The name of the span that SvelteKit opens around every request, also one that the app makes to itself. */
export const ROOT = 'sveltekit.handle.root';
