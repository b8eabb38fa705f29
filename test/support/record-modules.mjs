/* Preloaded with `--import`: records every module that the process loads, and writes the list at its end. */
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const loaded = new Set();

registerHooks({
	load(url, context, nextLoad) {
		loaded.add(url);
		return nextLoad(url, context);
	}
});

process.on('exit', () => writeFileSync(process.env.RECORD_MODULES_TO, JSON.stringify([...loaded])));
