import { renameSync } from 'node:fs';
import path from 'node:path';
import { copyFiles } from '../project/copy-files.ts';

/** The files of `otel/` that only installed instrumentations and those of the app need, import hooks included. */
const FOR_INSTRUMENTATIONS = ['import-hook', 'instrumentations.js', 'make-instrumentations.js'];

/** Replaces them: see `files/instrumentation/no-instrumentations.ts`. */
const NO_INSTRUMENTATIONS = 'no-instrumentations.js';

/**
 * Copies the run-time code. Most apps have no instrumentations, and the code for these is a large part of it.
 *
 * @param from the run-time code of this package
 * @param out adapter-node's output
 * @param hasInstrumentations whether the server may load instrumentations
 */
export function copyRuntime(from: string, out: string, hasInstrumentations: boolean): void {
	copyFiles(from, out, hasInstrumentations ? [NO_INSTRUMENTATIONS] : FOR_INSTRUMENTATIONS);
	if (hasInstrumentations) return;
	// imported by the same name, so that bundlers find it
	const otel = path.join(out, 'otel');
	renameSync(path.join(otel, NO_INSTRUMENTATIONS), path.join(otel, 'instrumentations.js'));
}
