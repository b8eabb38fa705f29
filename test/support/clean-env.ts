import { delimiter, dirname } from 'node:path';

// What a package manager needs beside PATH: where it keeps its settings and its cache, and how it
// reaches the registry. Names are compared without regard to case.
const packageManagerVariables =
	/^(home|userprofile|appdata|localappdata|systemroot|comspec|tmpdir|temp|tmp|xdg_.*|(https?|no)_proxy|node_extra_ca_certs|ssl_cert_file|npm_config_(registry|userconfig|globalconfig|cache|cafile|.*_auth.*))$/i;

/**
 * An environment without anything that the test run put there: no `NODE_ENV`, no `VITEST`, no
 * `OTEL_*`. The given Node comes first in the path.
 */
export function cleanEnv(node: string = process.execPath): { PATH: string } {
	return { PATH: [dirname(node), process.env['PATH'] ?? ''].join(delimiter) };
}

/** The same, with what `npm` and its like need. */
export function packageManagerEnv(node?: string): NodeJS.ProcessEnv {
	const kept = Object.entries(process.env).filter(([name]) => packageManagerVariables.test(name));
	return { ...Object.fromEntries(kept), ...cleanEnv(node) };
}
