import { ROOT_CONTEXT, context } from '@opentelemetry/api';

// what a timer does belongs to no request
export function GET() {
	context.with(ROOT_CONTEXT, () => {
		setTimeout(() => fetch(`${process.env.UPSTREAM_URL}/background`).then((response) => response.text()), 1);
	});
	return new Response('started');
}
