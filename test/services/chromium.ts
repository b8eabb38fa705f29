import { type Browser, chromium } from 'playwright-core';
import { findProgram, reasonToSkip } from './find-program.ts';

/** What distributions call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

const find = (): string | undefined => NAMES.map((name) => findProgram(name)).find(Boolean);

/** Why a browser cannot be started here, in one line; undefined if it can. */
export function missingChromium(): string | undefined {
	return find() ? undefined : reasonToSkip('Chromium is not installed: run `sh test/services/install.sh`');
}

/** Starts a Chromium without a window. Its sandbox does not work for root, who runs tests in a container. */
export async function startChromium(): Promise<Browser> {
	return chromium.launch({ executablePath: find()!, chromiumSandbox: false });
}
