/*
 * Preloaded into a server. Turns parts of telemetry on and off while it runs, so that all of them are measured in
 * one process, with the same compiled code (see `ablation.ts`).
 */
import channels from 'node:diagnostics_channel';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import perfHooks from 'node:perf_hooks';

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

/** The parts of metrics that work without a request, each with the functions that turn it on and off. */
const measures = [];

const isOurs = () => new Error().stack.includes('/otel/start-metrics.js');
const { subscribe, unsubscribe } = channels;
channels.subscribe = (name, listener) => {
	subscribe(name, listener);
	if (!isOurs()) return;
	measures.push({ start: () => subscribe(name, listener), stop: () => unsubscribe(name, listener) });
};
const { monitorEventLoopDelay, PerformanceObserver } = perfHooks;
perfHooks.monitorEventLoopDelay = (options) => {
	const histogram = monitorEventLoopDelay(options);
	measures.push({ start: () => histogram.enable(), stop: () => histogram.disable() });
	return histogram;
};
perfHooks.PerformanceObserver = class extends PerformanceObserver {
	observe(options) {
		super.observe(options);
		measures.push({ start: () => super.observe(options), stop: () => super.disconnect() });
	}
};
syncBuiltinESMExports();

// nothing outside the chunk has this object
globalThis.isMeasured = () => on.has('metrics');
registerHooks({
	load(url, context, next) {
		const module = next(url, context);
		if (!url.endsWith('/otel/requests.js')) return module;
		const source = String(module.source);
		const switched = source.replace(
			/\bmeasureRequest:([\w$]+),measureFiles:/,
			'get measureRequest(){return isMeasured()?$1:undefined},measureFiles:'
		);
		if (switched === source) throw new Error('the measurement of a request cannot be turned off: not found');
		return { ...module, source: switched };
	}
});

let isMeasuring = true;
function turnMeasures() {
	if (isMeasuring === on.has('metrics')) return;
	isMeasuring = !isMeasuring;
	for (const { start, stop } of measures) (isMeasuring ? start : stop)();
}

// V8's other threads, which compile and collect garbage, double the noise
let before = process.threadCpuUsage();
process.on('message', (message) => {
	if (message.start) {
		on = new Set(message.start);
		turnMeasures();
		before = process.threadCpuUsage();
		process.send('started');
	} else if (message.stop) {
		const { user, system } = process.threadCpuUsage(before);
		process.send(user + system);
	}
});
