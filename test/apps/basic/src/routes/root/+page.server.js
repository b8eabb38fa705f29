import { getRequestEvent } from '$app/server';

function mark(tracing, place) {
	tracing.root.setAttribute(`app.root.${place}`, true);
	getRequestEvent().tracing.current.setAttribute(`app.current.${place}`, true);
}

export function load({ tracing, url }) {
	mark(tracing, 'load');
	const name = url.searchParams.get('name');
	if (name) tracing.root.updateName(name);
	for (const [key, value] of url.searchParams) {
		if (key !== 'name') tracing.root.setAttribute(key, value);
	}
	return {
		enabled: tracing.enabled,
		isRecording: tracing.root.isRecording(),
		traceId: tracing.root.spanContext().traceId
	};
}

export const actions = {
	default: ({ tracing }) => {
		mark(tracing, 'action');
		return { done: true };
	}
};
