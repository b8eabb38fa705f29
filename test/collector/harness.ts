import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startServer, withFreePorts } from '../services/process.ts';
import type { RunningServer } from '../services/process.ts';

export { queryJaegerTraces, startJaeger } from './jaeger.ts';
export type { Jaeger } from './jaeger.ts';
export { readLogs, readMetrics, readSpans } from './otlp-json.ts';
export type { Attributes, DataPoint, Span } from './otlp-json.ts';

export interface CollectorOptions {
	binary: string;
	/** Names of files in this folder (`agent.yaml`) or paths; a later one is merged over those before it. */
	configs: string[];
	/**
	 * What the configurations read. Ports that it does not set are free ones; to start a collector
	 * again in the same place, pass the `env` of the first one.
	 */
	env?: Record<string, string>;
}

export interface Collector extends RunningServer {
	grpcPort: number;
	httpPort: number;
	/** Where the Collector serves its own counters, in the format of Prometheus. */
	metricsPort: number;
	/** What this one was started with, ports included. */
	env: Record<string, string>;
}

/** The binary that `build.mjs` built, or why there is none, in one line. Builds nothing. */
export function findBinary(
	name: 'collector' | 'jaeger' | 'prometheus'
): { path: string } | { missing: string } {
	const script = fileURLToPath(new URL('./build.mjs', import.meta.url));
	const { status, stdout, stderr } = spawnSync(process.execPath, [script, name, '--find'], {
		encoding: 'utf8'
	});
	return status === 0 ? { path: stdout.trim() } : { missing: stderr.trim() };
}

/** Starts a collector on loopback and waits until its pipelines run. */
export async function startCollector({ binary, configs, env = {} }: CollectorOptions): Promise<Collector> {
	return withFreePorts(4, async ([grpc, http, health, metrics]) => {
		const settings: Record<string, string> = {
			COLLECTOR_GRPC: `127.0.0.1:${grpc}`,
			COLLECTOR_HTTP: `127.0.0.1:${http}`,
			COLLECTOR_HEALTH: `127.0.0.1:${health}`,
			COLLECTOR_METRICS_PORT: String(metrics),
			...env
		};
		const server = await startServer({
			command: binary,
			args: configs.flatMap((config) => ['--config', configPath(config)]),
			env: settings,
			isReady: () => isHealthy(`http://${settings.COLLECTOR_HEALTH}/`)
		});
		return {
			...server,
			grpcPort: portOf(settings.COLLECTOR_GRPC),
			httpPort: portOf(settings.COLLECTOR_HTTP),
			metricsPort: Number(settings.COLLECTOR_METRICS_PORT),
			env: settings
		};
	});
}

function configPath(config: string): string {
	return config.includes('/') ? config : fileURLToPath(new URL(config, import.meta.url));
}

function portOf(address = ''): number {
	return Number(address.slice(address.lastIndexOf(':') + 1));
}

async function isHealthy(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
		await response.arrayBuffer();
		return response.ok;
	} catch {
		return false;
	}
}
