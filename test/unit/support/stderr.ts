import { afterEach, beforeEach, vi } from 'vitest';

/**
 * Collects what is written to stderr, instead of printing it. For the top level of a test file.
 *
 * @returns what the current test has written, one entry for each call
 */
export function captureStderr(): string[] {
	const written: string[] = [];
	beforeEach(() => {
		written.length = 0;
		vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
	});
	afterEach(() => void vi.restoreAllMocks());
	return written;
}
