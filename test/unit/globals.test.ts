import { afterEach, expect, test } from 'vitest';
import { RUNTIME as KEY } from '../../files/entry/runtime-key.ts';
import { RUNTIME, RUNTIME_KEY } from '../../src/kit/globals.ts';

const holder = globalThis as { [KEY]?: object };

afterEach(() => void delete holder[KEY]);

test('the build and the server find the runtime under the same key', () => {
	const runtime = (holder[KEY] = {});
	expect(Symbol.for(RUNTIME_KEY)).toBe(KEY);
	expect(new Function(`return ${RUNTIME}`)()).toBe(runtime);
});
