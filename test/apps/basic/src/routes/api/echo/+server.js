import { json } from '@sveltejs/kit';

// What the app sees of a request: telemetry must not change any of it.
async function echo({ request, url, getClientAddress }) {
	const body = await request.arrayBuffer();
	return json({
		method: request.method,
		url: url.href,
		headers: Object.fromEntries(request.headers),
		bodyLength: body.byteLength,
		clientAddress: getClientAddress()
	});
}

export {
	echo as GET,
	echo as POST,
	echo as PUT,
	echo as PATCH,
	echo as DELETE,
	echo as OPTIONS,
	echo as fallback
};
