import type { Sampler } from '@opentelemetry/sdk-trace';
import { unwatchFile, watchFile } from 'node:fs';
import { type OptionSettings, readOptions } from '../config/options.ts';
import { type SamplerSettings, describeSampler, readSampler } from '../config/sampler.ts';
import { Environment, quote } from '../config/variable.ts';
import { VARIABLES } from '../config/variables.ts';
import { log } from '../diagnostics/log.ts';
import { describeRules } from '../traces/describe-rules.ts';
import type { Defaults } from '../types/build-manifest.d.ts';
import { LiveSampler } from './live-sampler.ts';
import { readSamplingFile } from './sampling-file.ts';

/**
 * The interval at which the files are checked, in milliseconds. Their status is polled: a directory that a
 * container mounts is replaced through a symbolic link above the file, which `fs.watch` of the file does not
 * notice.
 */
const POLL_INTERVAL_MS = 2000;

/** What can change while the server runs. */
export type SamplingSettings = { sampler: SamplerSettings } & Pick<
	OptionSettings,
	'sample' | 'keepErrors' | 'keepSlowerThanMs'
>;

/** The files that can change the sampling of a running server. */
export class SamplingFiles {
	readonly #defaults: Defaults;
	readonly #env: NodeJS.ProcessEnv;
	readonly #configFile: string | undefined;
	readonly #samplingFile: string | undefined;
	readonly #create: (settings: SamplingSettings) => Sampler;
	#current: SamplingSettings;
	/** The sampler of the current settings. */
	readonly sampler: LiveSampler;

	/**
	 * @param defaults the options of the build
	 * @param env the environment, with the paths of the files
	 * @param current the settings to begin with
	 * @param create creates the sampler of settings
	 */
	constructor(
		defaults: Defaults,
		env: NodeJS.ProcessEnv,
		current: SamplingSettings,
		create: (settings: SamplingSettings) => Sampler
	) {
		this.#defaults = defaults;
		this.#env = env;
		this.#current = current;
		this.#create = create;
		this.sampler = new LiveSampler(create(current));
		this.#configFile = pathIn(env, VARIABLES.configFile);
		this.#samplingFile = pathIn(env, VARIABLES.samplingFile);
	}

	/** For the startup line. */
	get description(): string[] {
		return this.#samplingFile ? [`sampling follows ${this.#samplingFile}`] : [];
	}

	/**
	 * Watches the files, until the returned function is called. A file that cannot be used changes nothing. One
	 * line logs this, or the new settings.
	 *
	 * @param apply puts the rules of new settings into force
	 * @param options the name of the app's own sampler, which does not follow, and the interval
	 */
	watch(
		apply: (settings: SamplingSettings) => void,
		{ ownSampler, everyMs = POLL_INTERVAL_MS }: { ownSampler?: string | undefined; everyMs?: number } = {}
	): () => void {
		let lastProblem: string | undefined;
		const check = async (path: string, isFirst = false): Promise<void> => {
			try {
				const settings = await this.#read();
				lastProblem = undefined;
				if (JSON.stringify(settings) === JSON.stringify(this.#current)) return;
				this.#current = settings;
				this.sampler.current = this.#create(settings);
				apply(settings);
				const sampler = ownSampler ?? describeSampler(settings.sampler);
				const rules = [`sampler ${sampler}`, ...describeRules(settings)];
				log('info', `${quote(path)} has changed, from now on: ${rules.join('; ')}`);
			} catch (error) {
				const { message } = error as Error;
				if (message === lastProblem) return;
				lastProblem = message;
				// logged at the start
				if (isFirst) return;
				log('warn', `${quote(path)} has changed, ${message}: nothing changes until the file is valid`);
			}
		};
		const stops = [this.#configFile, this.#samplingFile]
			.filter((path) => path !== undefined)
			.map((path) => {
				const listener = (): void => void check(path);
				watchFile(path, { persistent: false, interval: everyMs }, listener);
				// it may have changed since it was read, before it was watched
				void check(path, true);
				const again = setTimeout(listener, everyMs).unref();
				return () => {
					clearTimeout(again);
					unwatchFile(path, listener);
				};
			});
		return () => stops.forEach((stop) => stop());
	}

	/** @throws {Error} if one of the files cannot be used */
	async #read(): Promise<SamplingSettings> {
		const variables = this.#samplingFile ? readSamplingFile(this.#samplingFile) : {};
		// other variables have not changed, and invalid ones have been logged
		const env = new Environment({ ...this.#env, ...variables }, () => {});
		const { sample, keepErrors, keepSlowerThanMs } = readOptions(env, this.#defaults);
		const sampler = this.#configFile ? await samplerOf(this.#configFile) : readSampler(env);
		return { sampler, sample, keepErrors, keepSlowerThanMs };
	}
}

/** The sampler of a configuration file. */
async function samplerOf(path: string): Promise<SamplerSettings> {
	const { readConfigFile } = await import('../config/file/read.ts');
	const { sdk, problems } = await readConfigFile(path, undefined);
	const problem = problems.find((each) => each.startsWith('tracer_provider.sampler'));
	if (problem) throw new Error(`in which ${problem}`);
	if (!sdk?.traces) throw new Error('which no longer has traces (restart the server to switch them off)');
	return sdk.traces.sampler;
}

const pathIn = (env: NodeJS.ProcessEnv, { name }: { name: string }): string | undefined =>
	env[name]?.trim() || undefined;
