import type { KitErrors } from '../types/runtime.ts';

/** An error or a redirect of SvelteKit, recognized by its shape: SvelteKit 2 does not export its classes. */
interface Thrown {
	status?: unknown;
	body?: unknown;
	location?: unknown;
	issues?: unknown;
}

const asThrown = (error: unknown): Thrown =>
	typeof error === 'object' && error !== null ? (error as Thrown) : {};

/** Recognizes SvelteKit's errors by their shape. */
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

/** The status of an error that is not a failure of the server: `error(404)`, no route, invalid arguments. */
export function expectedStatusOf(error: unknown): number | undefined {
	const { status, issues } = asThrown(error);
	// only SvelteKit's `ValidationError`, not those of other libraries
	if (Array.isArray(issues) && 'remote' in (error as object)) return 400;
	return typeof status === 'number' && status < 500 ? status : undefined;
}

/** The message of an error, if it has one. */
export function messageOf(error: unknown): string | undefined {
	if (KIT_ERRORS.isHttpError(error)) return error.body.message;
	if (error instanceof Error) return error.message;
	return typeof error === 'string' ? error : undefined;
}
