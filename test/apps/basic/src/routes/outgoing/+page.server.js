// One request by Node's own fetch, then one by the event's, so that their order is known.
export async function load({ fetch: eventFetch }) {
	const upstream = process.env.UPSTREAM_URL;
	const byGlobal = await (await globalThis.fetch(`${upstream}/global`)).text();
	const byEvent = await (await eventFetch(`${upstream}/event`)).text();
	return { byGlobal, byEvent };
}
