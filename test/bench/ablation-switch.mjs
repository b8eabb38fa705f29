/*
 * Preloaded into a server. Turns parts of telemetry on and off while it runs, so that all of them are measured in
 * one process, with the same compiled code (see `ablation.ts`).
 */
const RUNTIME = Symbol.for('adapter-node-otel');
const NOOP = { spanContext: () => ({ traceId: '', spanId: '', traceFlags: 0 }), isRecording: () => false };
for (const name of ['setAttribute', 'setAttributes', 'addEvent', 'setStatus', 'updateName', 'end']) {
	NOOP[name] = () => NOOP;
}

let on = new Set();

/** The replacement for each part while it is off. */
const without = {
	recordSpans: (recordSpans) => (errors) => {
		const recordSpan = recordSpans(errors);
		return (options) => (on.has('spans') ? recordSpan(options) : options.fn(NOOP));
	},
	respond:
		(respond) =>
		(kit, ...args) =>
			on.has('respond') ? respond(kit, ...args) : kit(...args),
	render:
		(render) =>
		(kit, ...args) =>
			on.has('render') ? render(kit, ...args) : kit(...args),
	traceServer: (traceServer) => (server) => {
		const http = server.server ?? server;
		const plain = http.listeners('request');
		traceServer(server);
		const [traced] = http.listeners('request');
		http.removeAllListeners('request');
		http.on('request', (req, res) => {
			if (on.has('arrival')) return traced.call(http, req, res);
			for (const each of plain) each.call(http, req, res);
		});
	}
};

let runtime;
Object.defineProperty(globalThis, RUNTIME, {
	configurable: true,
	get: () => runtime,
	set: (value) => {
		runtime = value;
		for (const [name, wrap] of Object.entries(without)) {
			let wrapped = value[name];
			Object.defineProperty(value, name, {
				get: () => wrapped,
				set: (part) => {
					wrapped = wrap(part);
				}
			});
		}
	}
});

let before = process.cpuUsage();
process.on('message', (message) => {
	if (message.start) {
		on = new Set(message.start);
		globalThis.gc?.();
		before = process.cpuUsage();
		process.send('started');
	} else if (message.stop) {
		const { user, system } = process.cpuUsage(before);
		process.send(user + system);
	}
});
