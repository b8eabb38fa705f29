/**
 * The asynchronous hooks of one copy of `import-in-the-middle`, kept to the modules that it has been asked to
 * wrap itself. All copies mark those alike, and the one that was registered last would wrap what another is
 * meant to, so that the instrumentations of that one never see it. It is a text because Node runs it on a
 * thread of its own.
 *
 * @param hook the URL of its `hook.mjs`
 * @returns what to register in its place
 */
export const ownWrappers = (hook: string): string =>
	`data:text/javascript,${encodeURIComponent(`
		import * as hook from ${JSON.stringify(hook)};

		const own = new Set();

		export function initialize(data) {
			// it would warn of another copy
			delete globalThis.__import_in_the_middle_initialized__;
			return hook.initialize?.(data);
		}

		export async function resolve(specifier, context, next) {
			let inner;
			const result = await hook.resolve(specifier, context, async (...args) => (inner = await next(...args)));
			if (result.url !== inner?.url) own.add(result.url);
			return result;
		}

		export function load(url, context, next) {
			const isOfAnother = /[?&]iitm=/.test(url) && !own.has(url);
			return isOfAnother ? next(url, context) : hook.load(url, context, next);
		}
	`)}`;
