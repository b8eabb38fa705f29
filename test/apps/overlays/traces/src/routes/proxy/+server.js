const CONTEXT = ['traceparent', 'tracestate', 'baggage'];

// passes the headers of its caller on, as many a backend for a frontend does
export async function GET({ request, url }) {
	const headers = Object.fromEntries([...request.headers].filter(([name]) => CONTEXT.includes(name)));
	const response = await fetch(`${process.env.UPSTREAM_URL}/upstream${url.search}`, { headers });
	return new Response(await response.text());
}
