import type { KitErrors } from '../types/runtime.ts';

/** An error or a redirect of SvelteKit's, by its shape: SvelteKit 2 gives its classes to nobody. */
interface Thrown {
	status?: unknown;
	body?: unknown;
	location?: unknown;
	issues?: unknown;
}

const asThrown = (error: unknown): Thrown =>
	typeof error === 'object' && error !== null ? (error as Thrown) : {};

/** Tells SvelteKit's errors from others by their shape. */
export const KIT_ERRORS: KitErrors = {
	isHttpError: (error): error is { status: number; body: { message: string } } => {
		const { status, body } = asThrown(error);
		return typeof status === 'number' && typeof body === 'object' && body !== null;
	},
	isRedirect: (error): error is { status: number; location: string } => {
		const { status, location } = asThrown(error);
		return typeof status === 'number' && typeof location === 'string';
	}
};

/** The status of an error that is no failure of the server: `error(404)`, no route, arguments that are not valid. */
export function expectedStatusOf(error: unknown): number | undefined {
	const { status, issues } = asThrown(error);
	// SvelteKit's `ValidationError`, and no other library's
	if (Array.isArray(issues) && 'remote' in (error as object)) return 400;
	return typeof status === 'number' && status < 500 ? status : undefined;
}

/** What an error says, if it says anything. */
export function messageOf(error: unknown): string | undefined {
	if (KIT_ERRORS.isHttpError(error)) return error.body.message;
	if (error instanceof Error) return error.message;
	return typeof error === 'string' ? error : undefined;
}
