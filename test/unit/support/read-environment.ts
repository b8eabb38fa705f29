import { type Settings, readSettings } from '../../../files/config/settings.ts';
import type { Defaults } from '../../../files/types/build-manifest.d.ts';

/** Reads an environment as the server does; resolves with the settings and every logged line. */
export async function readEnvironment(
	env: Record<string, string>,
	defaults: Defaults = {}
): Promise<{ settings: Settings | undefined; lines: string[] }> {
	const lines: string[] = [];
	const settings = await readSettings(defaults, env, (line) => lines.push(line));
	return { settings, lines };
}
