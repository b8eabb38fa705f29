/** Takes down what a configuration file asks for and does not get, by the path of the setting. */
export class Problems {
	readonly list: string[] = [];

	/**
	 * @param path of the setting: `tracer_provider.sampler`
	 * @param what is wrong with it, never with the value of a secret
	 */
	add(path: string, what: string): void {
		this.list.push(`${path} ${what}`);
	}

	/** Takes down the settings of a node that are not among the served ones. */
	unserved(path: string, node: object | null | undefined, served: readonly string[]): void {
		for (const [key, value] of Object.entries(node ?? {})) {
			if (value !== undefined && !served.includes(key))
				this.add(path ? `${path}.${key}` : key, 'is not served');
		}
	}
}

/** The one entry of a node that the schema wants to have exactly one, such as a sampler with its properties. */
export function onlyEntry<T extends object>(node: T): [name: string, properties: unknown] {
	return Object.entries(node).find(([, properties]) => properties !== undefined) ?? ['nothing', undefined];
}
