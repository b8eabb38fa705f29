import { copyFileSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { transformSync } from 'esbuild';
import esbuild from 'rollup-plugin-esbuild';
import { rollup } from 'rollup';
import listLicenses from 'rollup-plugin-license';

/*
 * Bundles the run-time code into `dist/files`. The adapter copies it from there into every build. The
 * output imports only Node's built-in modules and the few files named here, which are in the same
 * directory. The libraries of the build-time code are bundled too, because the package has no
 * dependencies.
 */
const out = 'dist/files/otel';
const { bugs, engines } = readJson('package.json');
const { version: apiVersion } = readJson('node_modules/@opentelemetry/api/package.json');

function readJson(file) {
	return JSON.parse(readFileSync(file, 'utf8'));
}

/** The files of the import hook that are loaded by URL, and their names in the output. */
const IMPORT_HOOK = {
	'import-in-the-middle': 'import-hook/index',
	'import-in-the-middle/register-hooks.mjs': 'import-hook/register-hooks',
	'import-in-the-middle/hook.mjs': 'import-hook/hook',
	// a wrapped module imports this by a path relative to the hook
	'import-in-the-middle/lib/register.js': 'import-hook/lib/register'
};

/** The properties that are used. */
const NAMED_EXPORTS = Object.fromEntries(
	[
		['Hook, addHook', 'import-in-the-middle'],
		['register, supportsSyncHooks', 'import-in-the-middle/register-hooks.mjs'],
		['initialize, load, resolve', 'import-in-the-middle/hook.mjs'],
		['register, ModuleBinder', 'import-in-the-middle/lib/register.js']
	].map(([names, id]) => [id, `export { ${names} } from '${id}';`])
);

/** The modules that a dev server shares with the run-time code of a build. */
const FROM_DEV = new Set(['../start.ts', '../logs/observe-console.ts']);

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Lists every bundled package, and every licence text once, because most are the same but for the copyright. */
function listLicences(dependencies) {
	// sorted, so that the same input gives the same output
	const sorted = dependencies
		.toSorted((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1))
		.map((each) => ({ ...each, ...splitLicence(each.licenseText?.trim() ?? each.license) }));
	const users = Map.groupBy(sorted, ({ terms }) => terms.replace(/\s+/g, ' '));
	return [...users.values()]
		.map((packages) =>
			[
				...packages.map(({ name, version, license, copyright }) =>
					[`${name} ${version} (${license})`, ...copyright].join('\n\t')
				),
				'',
				packages[0].terms
			].join('\n')
		)
		.join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** The copyright notices of a short licence such as MIT, which are above its terms. Others contain their own. */
function splitLicence(text) {
	const start = text.indexOf('Permission is hereby granted');
	const notices = text.slice(0, start).split('\n').filter(Boolean);
	if (start < 0 || !notices.every((line) => /^(?:Copyright |(?:The )?MIT License|[(-])/i.test(line)))
		return { copyright: [], terms: text };
	return {
		copyright: notices.filter((line) => !/^(?:The )?MIT License|^-+$|^\(MIT\)$/i.test(line)),
		terms: text.slice(start)
	};
}

/** The licences of the build-time libraries and of the packages that they have bundled. */
function listLibraries(dependencies) {
	const inner = dependencies.flatMap(({ name }) => bundledIn(`node_modules/${name}/dist`));
	const lists = dependencies.flatMap(({ name }) =>
		globSync(`node_modules/${name}/dist/THIRD-PARTY-LICENSES.md.gz`).map((file) =>
			gunzipSync(readFileSync(file)).toString()
		)
	);
	return [listLicences([...dependencies, ...inner]), ...lists].join(`\n\n${'='.repeat(80)}\n\n`);
}

/** The packages that a bundle made by rolldown lists. */
function bundledIn(dir) {
	const found = new Map(
		globSync(`${dir}/*.mjs`).flatMap((file) =>
			[
				...readFileSync(file, 'utf8').matchAll(
					/^\/\/#region .*\/@?[^/@]+@(?<version>\d[^/_]*)[^/]*\/node_modules\/(?<name>(?:@[^/]+\/)?[^/]+)\//gm
				)
			].map(({ groups: { name, version } }) => [name, version])
		)
	);
	return [...found].map(([name, version]) => {
		const { license } = readJson(`node_modules/${name}/package.json`);
		// some packages publish no licence file
		const file = readdirSync(`node_modules/${name}`).find((each) => /^licen[cs]e/i.test(each));
		const licenseText = file && readFileSync(`node_modules/${name}/${file}`, 'utf8');
		return { name, version, license: license ?? 'see below', licenseText };
	});
}

/** Names for chunks whose modules have unclear names such as `index` or `dist`. */
const CHUNK_NAMES = [
	[/propagator-b3/, 'propagator-b3'],
	[/propagator-jaeger/, 'propagator-jaeger'],
	[/propagator-aws-xray/, 'propagator-xray'],
	[/otlp-transformer/, 'otlp-transformer'],
	[/@opentelemetry\/core/, 'opentelemetry-core'],
	[/sdk-metrics/, 'sdk-metrics'],
	[/execAsync/, 'machine-id-command'],
	[/getMachineId-(\w+)/, 'machine-id-$1']
];

/** The files that the build writes into the same directory: see `src/emit.ts` and `src/api/share-api.ts`. */
const OF_BUILD = new Set(['build-manifest', 'instrumentation', 'own-api']);

/** Names a chunk by its content, for users who look into `build/otel`. */
function nameChunk({ name, facadeModuleId, moduleIds }) {
	const id = facadeModuleId ?? moduleIds.at(-1);
	// otherwise the chunk that handles requests would get the name of its last module
	if (moduleIds.some((each) => each.endsWith('/kit/requests.ts'))) return 'requests.js';
	// a chunk of our own modules already has a clear name
	if (!id.includes('node_modules')) {
		if (OF_BUILD.has(name)) throw new Error(`a chunk that the build would replace: ${name}`);
		return `${name}.js`;
	}
	const [pattern, to] = CHUNK_NAMES.find(([each]) => each.test(id)) ?? [];
	if (!pattern) throw new Error(`a chunk without a telling name: ${id}`);
	return `${pattern.exec(id)[0].replace(pattern, to)}.js`;
}

/** The directory of the compiled schema in `@opentelemetry/configuration`. */
const VALIDATOR = 'node_modules/@opentelemetry/configuration/dist/generated/validator.mjs';

/**
 * The schema that upstream has compiled, without its descriptions. Equal definitions are one, a definition that is
 * used once is where it is used, and the names of the others are short.
 */
function configurationSchema() {
	const [, literal] = /const schema31 = (\{[^]*?\n\t\});/.exec(readFileSync(pathOf(VALIDATOR), 'utf8')) ?? [];
	if (!literal) throw new Error(`${VALIDATOR} has no schema where it is expected`);
	const isText = (key, value) =>
		['description', 'title', '$schema'].includes(key) && typeof value === 'string';
	const { $defs, ...root } = JSON.parse(
		JSON.stringify(Function(`return ${literal}`)(), (key, value) => (isText(key, value) ? undefined : value))
	);
	return shortenReferences(root, mergeEqual($defs));
}

/** Replaces the references in a part of the schema. */
const mapReferences = (part, map) =>
	JSON.parse(JSON.stringify(part), (_, value) => {
		if (typeof value?.$ref !== 'string') return value;
		if (Object.keys(value).length > 1) throw new Error(`${VALIDATOR} adds something to ${value.$ref}`);
		return map(value.$ref.replace('#/$defs/', ''));
	});

const referTo = (name) => ({ $ref: `#/$defs/${name}` });

/** Lets all references to equal definitions name the first of them, until no two are equal. */
function mergeEqual(definitions) {
	const firsts = new Map();
	const names = new Map();
	for (const [name, definition] of Object.entries(definitions)) {
		const text = JSON.stringify(definition);
		if (!firsts.has(text)) firsts.set(text, name);
		names.set(name, firsts.get(text));
	}
	if (firsts.size === names.size) return definitions;
	const kept = [...firsts.values()].map((name) => [name, definitions[name]]);
	return mergeEqual(mapReferences(Object.fromEntries(kept), (name) => referTo(names.get(name))));
}

/** The schema with the definitions that are used more than once, by short names. */
function shortenReferences(root, definitions) {
	const uses = new Map();
	mapReferences([root, definitions], (name) => uses.set(name, (uses.get(name) ?? 0) + 1));
	const shared = [...uses.keys()].filter((name) => uses.get(name) > 1);
	const inline = (part) =>
		mapReferences(part, (name) =>
			uses.get(name) > 1 ? referTo(shared.indexOf(name).toString(36)) : inline(definitions[name])
		);
	const $defs = Object.fromEntries(
		shared.map((name, index) => [index.toString(36), inline(definitions[name])])
	);
	return { ...inline(root), $defs };
}

/** A module that exports a value. Equal objects and lists in it are written once. */
function writeModule(value) {
	const uses = new Map();
	const count = (part) => {
		if (!part || typeof part !== 'object') return;
		const text = JSON.stringify(part);
		uses.set(text, (uses.get(text) ?? 0) + 1);
		if (uses.get(text) === 1) Object.values(part).forEach(count);
	};
	count(value);
	const names = new Map();
	const declarations = [];
	const write = (part) => {
		const text = JSON.stringify(part);
		if (names.has(text)) return names.get(text);
		if (!part || typeof part !== 'object') return text;
		const code = Array.isArray(part)
			? `[${part.map(write).join()}]`
			: `{${Object.entries(part).map(([key, each]) => `${JSON.stringify(key)}:${write(each)}`)}}`;
		if (uses.get(text) === 1) return code;
		const name = `part${names.size}`;
		names.set(text, name);
		declarations.push(`const ${name} = ${code};`);
		return name;
	};
	const code = write(value);
	return `${declarations.join('\n')}\nexport default ${code};`;
}

/** The keywords that a schema uses. */
function keywordsOf(schema, keywords = new Set()) {
	for (const [keyword, value] of Object.entries(schema)) {
		keywords.add(keyword);
		const isMap = ['properties', 'patternProperties', '$defs'].includes(keyword);
		const parts = Array.isArray(value) || isMap ? Object.values(value) : [value];
		for (const part of parts) if (part && typeof part === 'object') keywordsOf(part, keywords);
	}
	return keywords;
}

/** The code of `@cfworker/json-schema` that validates, without the keywords that the schema does not use. */
function schemaValidator(code) {
	const [declaration, list] = /const \{ (\$ref,[^}]*) \} = schema;/.exec(code) ?? [];
	if (!list) throw new Error('@cfworker/json-schema has no keywords where they are expected');
	const used = keywordsOf(configurationSchema());
	const isUsed = (each) => used.has(each.split(':')[0]) || each === '__absolute_ref__';
	const all = list.split(', ');
	const unused = all.filter((each) => !isUsed(each)).map((each) => each.split(': ').at(-1));
	return transformSync(code.replace(declaration, `const { ${all.filter(isUsed).join(', ')} } = schema;`), {
		define: Object.fromEntries(unused.map((name) => [name, 'undefined'])),
		minifySyntax: true
	}).code;
}

/** The regions of `js-yaml` that parse. The others create values, quote the text in messages, and write YAML. */
const YAML_PARSER = ['common/exception', 'parser/events', 'parser/parser_scalar', 'parser/parser'];

/** Adds the text around an error to its message, which is never shown because it may contain a secret. */
const YAML_SNIPPET = 'mark.snippet = makeSnippet(mark);';

/** Properties of the parser's state, and of its events, that only the parser reads. */
const YAML_STATE =
	/^(input|position|lineStart|lineIndent|firstTabInLine|depth|maxDepth|filename|events|eventsLength|breaks|directives|tagHandlers|explicitStart|explicitEnd|chomping|indent|fast|valueEnd)$/;

function yamlParser(code) {
	const regions = code.split(/^\/\/#region /m);
	const used = YAML_PARSER.map((name) => regions.find((region) => region.startsWith(`src/${name}.ts\n`)));
	if (used.includes(undefined) || !used[0].includes(YAML_SNIPPET))
		throw new Error('js-yaml has no parser where it is expected');
	const parser = used
		.map((region) => `//${region}`)
		.join('')
		.replace(YAML_SNIPPET, '');
	return transformSync(
		`${parser}\nexport { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue, parseEvents };`,
		{ mangleProps: YAML_STATE }
	).code;
}

/** Bundles the reader of the configuration file without its largest unused parts. */
export const leanConfigurationReader = {
	name: 'lean configuration reader',
	enforce: 'pre',
	resolveId: (id, importer = '') => {
		if (id.endsWith('/generated/validator.mjs')) return pathOf('files/config/file/validate-schema.ts');
		if (id === 'virtual:configuration-schema') return `\0${id}`;
		// the schema uses no formats
		if (id === './format.js' && importer.includes('@cfworker/json-schema')) return `\0no-formats`;
		if (id === 'yaml' && importer.includes('@opentelemetry/configuration'))
			return pathOf('files/config/file/yaml.ts');
	},
	load: (id) => {
		if (id === '\0virtual:configuration-schema') return writeModule(configurationSchema());
		if (id === '\0no-formats') return 'export const format = {}';
	},
	transform: (code, id) => {
		if (id.endsWith('/js-yaml/dist/js-yaml.mjs')) return yamlParser(code);
		if (id.endsWith('/@cfworker/json-schema/dist/esm/validate.js')) return schemaValidator(code);
	}
};

/** Classes whose names appear in OpenTelemetry's messages keep their names in the minified code. */
const keepClassNames = {
	name: 'class names in messages',
	transform: (code) =>
		code.replace(
			/\b(?:(?:var|const) (\w+(?:Propagator|Detector)) = class|class (\w+(?:Propagator|Detector)))\b[^{]*\{/g,
			(start, expression, declaration) =>
				`${start} static name = ${JSON.stringify(expression ?? declaration)};`
		)
};

/**
 * Private properties of upstream's context manager, trace state, resource, sampler, span and instrumentation of
 * `fetch`, which every process reads. Their names are used in one module only.
 */
const PRIVATE =
	/^_(asyncLocalStorage|kOtListeners|previousContext|rawTraceState|getPatchMap|createPatchMap|patchAddListener|patchRemoveListener|patchRemoveAllListeners|bindEventEmitter|bindFunction|rawAttributes|asyncAttributesPending|memoizedAttributes|(?:local|remote)Parent(?:Not)?Sampled|serviceInstanceId|performanceOffset|recordEndMetrics|dropped(?:Events|Links)Count|channelSubs|recordFromReq|httpClientDurationHistogram)$/;

const minified = esbuild({
	target: `node${/\d+/.exec(engines.node)[0]}`,
	minify: true,
	mangleProps: PRIVATE,
	define: { BUGS_URL: JSON.stringify(bugs?.url ?? '') }
});

const onwarn = (warning) => {
	// ignore circular imports inside libraries
	if (warning.code !== 'CIRCULAR_DEPENDENCY') throw new Error(warning.message);
};

/** The worker of the last export: with all transports, and without that of gRPC. */
const LAST_EXPORT_WORKER = /^\0virtual:last-export-worker\/(?<transports>all|http)$/;

/**
 * Bundles the worker of the last export with all its imports as text. When it is needed, the files may
 * have been deleted or bundled again.
 */
export const lastExportWorker = {
	name: 'last export worker',
	resolveId: (id) => (id.startsWith('virtual:last-export-worker/') ? `\0${id}` : undefined),
	async load(id) {
		const { transports } = LAST_EXPORT_WORKER.exec(id)?.groups ?? {};
		if (!transports) return;
		const httpOnly = {
			name: 'http only',
			resolveId: (each) => (each === './grpc-transport.ts' ? '\0no-grpc' : undefined),
			load: (each) => (each === '\0no-grpc' ? 'export const GrpcTransport = undefined;' : undefined)
		};
		const bundle = await rollup({
			input: pathOf('files/shutdown/last-export-worker.ts'),
			external: /^node:/,
			plugins: [
				transports === 'http' && httpOnly,
				nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
				minified
			],
			onwarn
		});
		const { output } = await bundle.generate({
			format: 'esm',
			inlineDynamicImports: true,
			freeze: false
		});
		return `export default ${JSON.stringify(output[0].code)}`;
	}
};

/**
 * The output of upstream's serializers must be JSON according to protobuf's rules: see
 * `files/otlp/stringify.ts`.
 */
const protobufJson = {
	name: "protobuf's JSON",
	transform(code, id) {
		if (!/otlp-transformer\/dist\/\w+\/json\/\w+\.mjs$/.test(id)) return;
		const written = code.replace('JSON.stringify(request)', 'stringify(request)');
		if (written === code) throw new Error(`${id} has no serializer where it is expected`);
		return `import { stringify } from ${JSON.stringify(pathOf('files/otlp/stringify.ts'))};\n${written}`;
	}
};

/** Upstream's serializers leave exemplars out. These calls add them: see `files/metrics/write-exemplars.ts`. */
const EXEMPLAR_CALLS = {
	'metrics/protobuf/metrics-serializer.mjs': [
		'writeExemplars',
		(code) =>
			// the field of the attributes tells which data point it is: `HistogramDataPoint` or the exponential one
			code.replace(
				/\n\t(if \(dataPoint\.attributes\) writeAttributes\(writer, dataPoint\.attributes, ([91])\);)/g,
				(_, line, field) =>
					`\n\t${line}\n\twriteExemplars(writer, dataPoint.exemplars, ${field === '9' ? 8 : 11});`
			)
	],
	'metrics/internal.mjs': [
		'toExemplars',
		(code) =>
			code.replaceAll(
				'const histogram = dataPoint.value;\n\t\treturn {',
				'const histogram = dataPoint.value;\n\t\treturn {\n\t\t\texemplars: toExemplars(dataPoint.exemplars),'
			)
	]
};

/** Lets upstream's serializers write the exemplars of histograms. */
export const exemplars = {
	name: 'exemplars',
	transform(code, id) {
		const file = Object.keys(EXEMPLAR_CALLS).find((each) => id.endsWith(`/otlp-transformer/dist/${each}`));
		if (!file) return;
		const [name, add] = EXEMPLAR_CALLS[file];
		const written = add(code);
		if (written.split(`${name}(`).length !== 3)
			throw new Error(`${id} has no data points where they are expected`);
		return `import { ${name} } from ${JSON.stringify(pathOf('files/metrics/write-exemplars.ts'))};\n${written}`;
	}
};

/** Lets the SDK calculate the hash of our attributes once: see `files/metrics/attribute-hashes.ts`. */
export const attributeHashes = {
	name: 'attribute hashes',
	transform(code, id) {
		if (!id.endsWith('/sdk-metrics/dist/utils.mjs')) return;
		const start = 'function hashAttributes(';
		if (!code.includes(start)) throw new Error(`${id} has no hash where it is expected`);
		return [
			`import { rememberHashes } from ${JSON.stringify(pathOf('files/metrics/attribute-hashes.ts'))};`,
			'const hashAttributes = rememberHashes(calculateHash);',
			code.replace(start, 'function calculateHash(')
		].join('\n');
	}
};

/** Changes of the SDK's files: what is there, and what is there instead, by the end of the file's path. */
const METRICS_CHANGES = {
	// names have every `*`, not only the first, and `?` for one character, as the specification has
	'view/Predicate.mjs': [
		['const ESCAPE = /[\\^$\\\\.+?()[\\]{}|]/g;', 'const ESCAPE = /[\\^$\\\\.+()[\\]{}|]/g;'],
		['.replace("*", ".*")', '.replaceAll("?", ".").replaceAll("*", ".*")'],
		['return pattern.includes("*");', 'return /[*?]/.test(pattern);']
	],
	// without a limit of its own, a view has that of the readers, which share its instruments
	'state/MeterSharedState.mjs': [
		[
			'view.aggregationCardinalityLimit);',
			'view.aggregationCardinalityLimit ?? Math.max(...this._meterProviderSharedState.metricCollectors.map((each) => each.selectCardinalityLimit(descriptor.type))));'
		]
	],
	'state/TemporalMetricProcessor.mjs': [
		// readers share the instruments of a view: one that nobody asks would keep each interval of the others
		[
			'stash.push(currentAccumulation);',
			'stash[0] = TemporalMetricProcessor.merge(stash[0] ?? new AttributeHashMap(), currentAccumulation, this._aggregator);'
		],
		// totals keep every series of the past: the SDK's limit is one of each interval
		[
			'constructor(aggregator, collectorHandles) {',
			'constructor(aggregator, collectorHandles, limit) {\n\t\tthis._limit = limit;'
		],
		['static merge(last, current, aggregator) {', 'static merge(last, current, aggregator, limit) {'],
		[', this._aggregator);', ', this._aggregator, this._limit);'],
		[
			'} else result.set(key, record, hash);',
			'} else addSeries(result, key, record, hash, aggregator, limit);'
		]
	],
	'state/SyncMetricStorage.mjs': [
		['(aggregator, collectorHandles);', '(aggregator, collectorHandles, aggregationCardinalityLimit);']
	],
	'state/AsyncMetricStorage.mjs': [
		['(aggregator, collectorHandles);', '(aggregator, collectorHandles, aggregationCardinalityLimit);'],
		// totals keep what is no longer observed
		['collect(collector, collectionTime) {', 'collect(collector, collectionTime, since = collectionTime) {'],
		[
			'return this._temporalMetricStorage.buildMetrics(collector, this._instrumentDescriptor, accumulations, collectionTime);',
			'return keepObserved(this._temporalMetricStorage.buildMetrics(collector, this._instrumentDescriptor, accumulations, collectionTime), this._deltaMetricStorage._cumulativeMemoStorage, since);'
		]
	],
	// a callback that does not return must not keep the process alive
	'dist/utils.mjs': [['\t\t}, timeout);', '\t\t}, timeout);\n\t\ttimeoutHandle.unref?.();']]
};

/** Our functions that are called in these changes. */
const METRICS_CALLS = {
	addSeries: 'files/metrics/add-series.ts',
	keepObserved: 'files/metrics/keep-observed.ts'
};

/**
 * Limits the memory of the metrics SDK, its timers, and how long it exports values of observable instruments; and
 * lets the names in views have every wildcard.
 */
export const boundedMetrics = {
	name: 'bounded metrics',
	transform(code, id) {
		const file = Object.keys(METRICS_CHANGES).find(
			(each) => id.includes('/sdk-metrics/dist/') && id.endsWith(each)
		);
		if (!file) return;
		let written = code;
		for (const [from, to] of METRICS_CHANGES[file]) {
			if (!written.includes(from)) throw new Error(`${id} has no ${from}`);
			written = written.replaceAll(from, to);
		}
		const imports = Object.entries(METRICS_CALLS)
			.filter(([name]) => written.includes(`${name}(`))
			.map(([name, from]) => `import { ${name} } from ${JSON.stringify(pathOf(from))};`);
		return [...imports, written].join('\n');
	}
};

const plugins = [
	{
		name: 'emitted',
		resolveId: (id, importer) => {
			// the SDK and the app share one copy of the API: see `src/api/share-api.ts`
			if (id === '@opentelemetry/api') return { id: './api.js', external: true };
			// the other parts of the dev server import the same module: see `src/dev/runtime.ts`
			if (FROM_DEV.has(id) && importer.startsWith(pathOf('files/dev/')))
				return { id: `./${id.split('/').at(-1).replace('.ts', '.js')}`, external: true };
			// written by the build: see `src/emit.ts`
			if (id === './build-manifest.js') return { id, external: true };
			// not in the register's bundle, so that a process without tracing reads only one of our files
			if (importer === pathOf('files/entry/register.ts') && /\/(start|foreign-sdk)\.ts$/.test(id))
				return { id: `./${id.split('/').at(-1).replace('.ts', '.js')}`, external: true };
			// one copy for the main thread and for Node's hooks thread: see its bundle below
			if (id in IMPORT_HOOK && importer?.startsWith(pathOf('files/'))) {
				return { id: `./${IMPORT_HOOK[id]}.js`, external: true };
			}
			// the main entry would include both import hooks
			if (id === '@opentelemetry/instrumentation')
				return pathOf('files/instrumentation/instrumentation-base.ts');
			// count every span for a meter that is never set
			if (id === './TracerMetrics.mjs') return pathOf('files/sdk/tracer-metrics.ts');
			if (id === './SpanProcessorMetrics.mjs') return pathOf('files/sdk/span-processor-metrics.ts');
			// replaced at the start
			if (id === './logging-error-handler.mjs') return pathOf('files/sdk/logging-error-handler.ts');
		},
		// Node loads the asynchronous hook by its URL: see `files/instrumentation/import-hooks.ts`
		resolveImportMeta: (property) =>
			property === 'resolve'
				? '((id) => new URL(`./import-hook/${id.split("/").at(-1).replace(".mjs", ".js")}`, import.meta.url).href)'
				: null
	},
	leanConfigurationReader,
	// bundle each OpenTelemetry package once, whatever ranges they request
	nodeResolve({
		preferBuiltins: true,
		exportConditions: ['node'],
		dedupe: (id) => id.startsWith('@opentelemetry/')
	}),
	commonjs(),
	json(),
	keepClassNames,
	protobufJson,
	exemplars,
	attributeHashes,
	boundedMetrics,
	lastExportWorker,
	minified,
	listLicenses({
		thirdParty: {
			includeSelf: false,
			output: { file: 'dist/files/otel/THIRD-PARTY-LICENSES.txt', template: listLicences }
		}
	})
];

/**
 * Marks a file as a module at its start. Without a package.json, Node 22.17 takes a file whose first statement
 * with module syntax is a top-level `await` for CommonJS. As a plugin, because the minifier removes a banner.
 */
const moduleMark = {
	name: 'module mark',
	generateBundle(_options, bundle) {
		for (const chunk of Object.values(bundle)) chunk.code = `export {};\n${chunk.code}`;
	}
};

export default [
	{
		// replaces the compiler's output for these files
		input: globSync('src/libraries/*.ts'),
		output: { dir: 'dist/libraries', format: 'esm', chunkFileNames: '[name].js' },
		plugins: [
			nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
			commonjs(),
			json(),
			esbuild({ target: 'esnext', minify: true }),
			listLicenses({
				thirdParty: {
					includeSelf: false,
					output: { file: 'dist/libraries/THIRD-PARTY-LICENSES.txt', template: listLibraries }
				}
			})
		],
		onwarn
	},
	{
		input: { register: 'files/entry/register.ts' },
		output: { dir: out, format: 'esm' },
		plugins: [...plugins.slice(0, -1), moduleMark],
		onwarn
	},
	{
		input: {
			start: 'files/start.ts',
			'foreign-sdk': 'files/kit/foreign-sdk.ts',
			// a dev server's console is observed once, for logs and for the page of traces
			'observe-console': 'files/logs/observe-console.ts',
			// replaces `instrumentations.js` in many builds: `src/instrumentation/copy-runtime.ts`
			'no-instrumentations': 'files/instrumentation/no-instrumentations.ts',
			// the build imports it too: `src/instrumentation/inspect-child.ts`
			'make-instrumentations': 'files/instrumentation/make.ts'
		},
		output: {
			dir: out,
			format: 'esm',
			chunkFileNames: nameChunk,
			hoistTransitiveImports: false
		},
		// only the register imports it
		preserveEntrySignatures: 'allow-extension',
		plugins,
		onwarn
	},
	{
		input: { api: '@opentelemetry/api' },
		// the build reads the version (`src/api/api-copy.ts`)
		output: { dir: out, format: 'esm', banner: `/*! @opentelemetry/api ${apiVersion} */` },
		plugins: plugins.slice(1),
		onwarn
	},
	{
		input: Object.fromEntries(Object.entries(IMPORT_HOOK).map(([id, name]) => [name, `named:${id}`])),
		output: { dir: out, format: 'esm', chunkFileNames: 'import-hook/[name].js' },
		plugins: [
			{
				name: 'named exports',
				// for a CommonJS entry, rollup exports only the default
				resolveId: (id) => (id.startsWith('named:') ? `\0${id}` : undefined),
				load: (id) => NAMED_EXPORTS[/^\0named:(.*)/.exec(id)?.[1]]
			},
			...plugins.slice(1)
		],
		onwarn
	},
	{
		// next to the files above in a dev or preview server; not part of a build
		input: { dev: 'files/dev/dev.ts' },
		output: { dir: 'dist/files-dev', format: 'esm', chunkFileNames: nameChunk },
		plugins: [
			{
				name: 'page',
				transform: (code, id) => (id.endsWith('.html') ? `export default ${JSON.stringify(code)}` : undefined)
			},
			...plugins.slice(0, -1)
		],
		onwarn
	},
	{
		input: { index: 'files/entry/index.ts', handler: 'files/entry/handler.ts' },
		output: { dir: 'dist/files', format: 'esm' },
		external: /^\.\/(adapter-node-|otel\/)/,
		plugins: [
			esbuild({ target: 'esnext' }),
			{
				name: 'types of the run time',
				// replaces the files with these names in `src/`, because only `dist` is published
				writeBundle: () => {
					for (const name of ['server-instrumentation.d.ts', 'telemetry-options.d.ts'])
						copyFileSync(`files/types/${name}`, `dist/${name}`);
				}
			}
		],
		onwarn
	},
	{
		// bundled with the app: see `src/kit/wrappers.ts`
		input: {
			telemetry: 'files/wrappers/telemetry.ts',
			'internal-server': 'files/wrappers/internal-server.ts',
			respond: 'files/wrappers/respond.ts',
			render: 'files/wrappers/render.ts',
			errors: 'files/wrappers/errors.ts',
			'remote-functions': 'files/wrappers/remote-functions.ts',
			'remote-responses': 'files/wrappers/remote-responses.ts'
		},
		output: {
			dir: 'dist/wrappers',
			format: 'esm',
			chunkFileNames: '[name].js',
			hoistTransitiveImports: false
		},
		external: /^sveltekit:/,
		plugins: [esbuild({ target: 'esnext' })],
		onwarn
	}
];
