/** Records the settings of a configuration file that are not supported, by path. */
export class Problems {
	readonly list: string[] = [];

	/**
	 * @param path the path of the setting: `tracer_provider.sampler`
	 * @param what what is wrong with it, never with the value of a secret
	 */
	add(path: string, what: string): void {
		this.list.push(`${path} ${what}`);
	}

	/** Records the settings of a node that are not supported. */
	addUnsupported(path: string, node: object | null | undefined, supported: readonly string[]): void {
		for (const [key, value] of Object.entries(node ?? {})) {
			if (value !== undefined && !supported.includes(key))
				this.add(path ? `${path}.${key}` : key, 'is not supported');
		}
	}
}

/** The only entry of a node that has exactly one by the schema, such as a sampler with its properties. */
export function onlyEntry<T extends object>(node: T): [name: string, properties: unknown] {
	return Object.entries(node).find(([, properties]) => properties !== undefined) ?? ['nothing', undefined];
}
