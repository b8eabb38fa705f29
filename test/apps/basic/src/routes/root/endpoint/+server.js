import { getRequestEvent } from '$app/server';
import { json } from '@sveltejs/kit';

export function GET({ tracing }) {
	tracing.root.setAttribute('app.root.endpoint', true);
	getRequestEvent().tracing.current.setAttribute('app.current.endpoint', true);
	return json({
		enabled: tracing.enabled,
		isRecording: tracing.root.isRecording(),
		traceId: tracing.root.spanContext().traceId
	});
}
