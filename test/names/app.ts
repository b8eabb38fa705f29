import type { AppOptions } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';

/** An app with what the other test apps do not have: groups, matchers, a base path, queries of every kind. */
export function setUps(combination: 'kit-2' | 'kit-3'): AppOptions {
	const { generation } = matrix[combination];
	return {
		combination,
		overlays: ['traces'],
		kit: { paths: { base: '/shop' }, experimental: { remoteFunctions: true } },
		compilerOptions: { experimental: { async: true } },
		files: { ...FILES, ...MATCHERS[generation] }
	};
}

const MATCHERS = {
	2: {
		'src/params/integer.js': 'export const match = (param) => /^\\d+$/.test(param);\n',
		'src/params/lang.js': "export const match = (param) => param === 'de';\n"
	},
	3: {
		'src/params.js': `
import { defineParams } from '@sveltejs/kit/params';

export const params = defineParams({
	integer: (param) => (/^\\d+$/.test(param) ? param : undefined),
	lang: (param) => (param === 'de' ? param : undefined)
});
`
	}
};

const PAGE = '<p>a page</p>\n';
const SERVER_LOAD = 'export const load = () => ({ a: 1 });\n';

const FILES: Record<string, string | null> = {
	// redirects out of the base path
	'src/routes/about-us/+page.server.js': null,
	// groups, an optional parameter, matchers, and a page that leaves its layouts
	'src/routes/(store)/+layout.server.js': SERVER_LOAD,
	'src/routes/(store)/+layout.svelte': '<script>let { children } = $props();</script>{@render children()}\n',
	'src/routes/(store)/items/[[lang=lang]]/[id=integer]/+page.server.js': SERVER_LOAD,
	'src/routes/(store)/items/[[lang=lang]]/[id=integer]/+page.svelte': PAGE,
	'src/routes/(store)/plain/+page@.svelte': PAGE,
	'src/routes/(store)/plain/+page.server.js': SERVER_LOAD,
	// a rest parameter, and an endpoint beside a page
	'src/routes/files/[...path]/+server.js': 'export const GET = () => new Response("file");\n',
	'src/routes/both/+page.svelte': PAGE,
	'src/routes/both/+server.js':
		'export const GET = () => new Response("data");\nexport const fallback = () => new Response("any");\n',
	// the end of a path
	'src/routes/slash/+page.server.js': "export const trailingSlash = 'always';\n" + SERVER_LOAD,
	'src/routes/slash/+page.svelte': PAGE,
	'src/routes/prerendered/+page.js': 'export const prerender = true;\n',
	'src/routes/prerendered/+page.svelte': PAGE,
	// without rendering on the server
	'src/routes/client/+page.js': 'export const ssr = false;\nexport const load = () => ({});\n',
	'src/routes/client/+page.svelte': PAGE,
	// an error of its own level
	'src/routes/(store)/fails/+page.server.js': "export const load = () => { throw new Error('fails'); };\n",
	'src/routes/(store)/fails/+page.svelte': PAGE,
	'src/routes/(store)/+error.svelte': '<p>the error of the store</p>\n',
	// promises that come later
	'src/routes/later/+page.server.js': `
export const load = ({ fetch }) => ({
	later: new Promise((resolve) => setTimeout(resolve, 20)).then(() => fetch('/shop/api/post/1')).then((r) => r.json())
});
`,
	'src/routes/later/+page.svelte':
		'<script>let { data } = $props();</script>{#await data.later}…{:then x}{x.id}{/await}\n',
	// actions
	'src/routes/default/+page.server.js': 'export const actions = { default: () => ({ ok: true }) };\n',
	'src/routes/default/+page.svelte': PAGE,
	'src/routes/named/+page.server.js':
		'export const actions = { add: () => ({ ok: true }), remove: () => { throw new Error("no"); } };\n',
	'src/routes/named/+page.svelte': PAGE,
	// remote functions of every kind
	'src/lib/things.remote.js': `
import { command, form, prerender, query } from '$app/server';
import { error } from '@sveltejs/kit';

export const getThing = query('unchecked', async (id) => ({ id }));
export const getOuter = query('unchecked', async (id) => ({ outer: await getThing(id) }));
export const getMany = query.batch('unchecked', async (ids) => (id) => ({ id, size: ids.length }));
export const getTicks = query.live('unchecked', async function* () { for (let tick = 0; tick < 3; tick++) yield tick; });
export const getMissing = query('unchecked', async () => error(404, 'no such thing'));
export const getBroken = query('unchecked', async () => { throw new Error('broken query'); });
export const save = command('unchecked', async (id) => { await getThing(id).refresh(); return { id }; });
export const send = form('unchecked', async () => ({ sent: true }));
export const getFacts = prerender(async () => ({ fact: 1 }));
const getHidden = query(async () => ({ hidden: true }));
export const getThroughHidden = query(async () => getHidden());
`,
	'src/routes/queries/+page.js':
		"import { getThing } from '../../lib/things.remote.js';\nexport const load = async () => ({ thing: await getThing('load') });\n",
	'src/routes/queries/+page.svelte': `
<script>
	import { getMany, getOuter, getThroughHidden, send } from '../../lib/things.remote.js';
	const many = $derived(await Promise.all(['1', '2', '3'].map((id) => getMany(id))));
</script>
<p>{(await getOuter('a')).outer.id} {(await getOuter('a')).outer.id} {many[0].size}</p>
<p>{(await getThroughHidden()).hidden}</p>
<form {...send}><button>send</button></form>
`,
	'src/routes/missing/+page.svelte': `
<script>import { getMissing } from '../../lib/things.remote.js';</script>
<p>{await getMissing('a')}</p>
`,
	'src/routes/broken/+page.svelte': `
<script>import { getBroken } from '../../lib/things.remote.js';</script>
<p>{await getBroken('a')}</p>
`
};
