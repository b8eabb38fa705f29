/*
 * Runs in a separate process, because instrumentations patch `require` when they are created. Receives the
 * packages as JSON, and writes what they instrument as JSON.
 */
import { pathToFileURL } from 'node:url';
import type {
	MadeInstrumentations,
	MakeInstrumentations
} from '../../files/types/made-instrumentations.d.ts';
import type { Inspected, Inspection, PatchedModule } from './inspect.ts';

/** The members of upstream's base class and its instrumentations that are used here. */
interface Instance {
	_modules?: Definition[];
	getModuleDefinitions?(): Definition[];
}

interface Definition {
	name: string;
	supportedVersions?: string[];
	includePrerelease?: boolean;
	patch?: unknown;
	files?: { supportedVersions?: string[]; patch?: unknown }[];
}

// the server creates instrumentations with the same code
const { makeInstrumentations } = (await import(
	new URL('../files/otel/make-instrumentations.js', import.meta.url).href
)) as { makeInstrumentations: MakeInstrumentations };

const packages = JSON.parse(process.argv[2]!) as Inspected[];
const inspections = await Promise.all(packages.map(inspect));
// an instrumentation may keep timers running
process.stdout.write(`\n${JSON.stringify(inspections)}\n`, () => process.exit());

async function inspect({ name, from }: Inspected): Promise<Inspection> {
	try {
		const importer = pathToFileURL(`${from}/package.json`).href;
		const exports = (await import(import.meta.resolve(name, importer))) as object;
		const { instrumentations, failures } = makeInstrumentations(exports, { enabled: false });
		return {
			name,
			isEmpty: instrumentations.length + failures.length === 0,
			modules: instrumentations.flatMap((each) => modulesOf(each as Instance)),
			...(failures.length > 0 && { error: describeFailures(failures) })
		};
	} catch (error) {
		return { name, isEmpty: false, modules: [], error: String(error) };
	}
}

const describeFailures = (failures: MadeInstrumentations['failures']): string =>
	failures.map(({ name, error }) => `${name}: ${String(error)}`).join(', ');

/** An instrumentation that contains others lists them only in the newer form. */
function modulesOf(instance: Instance): PatchedModule[] {
	const definitions = instance._modules?.length
		? instance._modules
		: (instance.getModuleDefinitions?.() ?? []);
	return definitions.map((definition) => ({
		name: definition.name,
		supported: supportedVersionsOf(definition),
		...(definition.includePrerelease && { includePrerelease: true })
	}));
}

/** Versions limit only what is patched: Prisma's instrumentation names its own version, and patches nothing. */
function supportedVersionsOf({ files = [], ...own }: Definition): string[] {
	const parts = [own, ...files];
	return parts.some(({ patch }) => patch) ? parts.flatMap((each) => each.supportedVersions ?? []) : [];
}
