/*
 * Runs in a process of its own, for instrumentations take hold of `require` as soon as they are made. Is
 * given the packages as JSON, writes as JSON what they say of themselves.
 */
import { pathToFileURL } from 'node:url';
import type { Inspection } from './inspect.ts';

interface Instance {
	_modules?: { name: string }[];
	getModuleDefinitions?(): { name: string }[];
}

type InstanceClass = { new (options: object): Instance; prototype: Record<string, unknown> | undefined };

const packages = JSON.parse(process.argv[2]!) as { name: string; entry: string }[];
const inspections = await Promise.all(packages.map(inspect));
// an instrumentation may keep timers
process.stdout.write(`\n${JSON.stringify(inspections)}\n`, () => process.exit());

async function inspect({ name, entry }: { name: string; entry: string }): Promise<Inspection> {
	try {
		const exports = (await import(pathToFileURL(entry).href)) as Record<string, InstanceClass>;
		const classes = Object.entries(exports).filter(
			([key, value]) =>
				typeof value === 'function' &&
				typeof value.prototype?.['setTracerProvider'] === 'function' &&
				key !== 'InstrumentationBase'
		);
		const modules = classes.flatMap(([, Class]) => {
			const instance = new Class({ enabled: false });
			return modulesOf(instance).map((each) => each.name);
		});
		return { name, modules: [...new Set(modules)] };
	} catch (error) {
		return { name, modules: [], error: String(error) };
	}
}

/** One that is made of others has them only by the newer way. */
function modulesOf(instance: Instance): { name: string }[] {
	return instance._modules?.length ? instance._modules : (instance.getModuleDefinitions?.() ?? []);
}
