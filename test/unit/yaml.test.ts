import { describe, expect, test } from 'vitest';
import * as upstream from 'yaml';
import * as ours from '../../files/config/file/yaml.ts';
import { createRandom } from '../support/random.ts';

/** What a document says to upstream's substitution of variables, and what it is afterwards. */
interface Reading {
	value: unknown;
	/** The scalars, and whether they have no quotes. */
	scalars: [value: unknown, isPlain: boolean][];
}

/** Undefined if the document is invalid. */
function readUpstream(text: string): Reading | undefined {
	const document = upstream.parseDocument(text, { version: '1.2', logLevel: 'error' });
	if (document.errors.length > 0) return undefined;
	const scalars: Reading['scalars'] = [];
	upstream.visit(document, {
		Scalar: (key, node) => {
			if (key !== 'key') scalars.push([node.value, node.type === upstream.Scalar.PLAIN]);
		}
	});
	try {
		return { value: document.toJS(), scalars };
	} catch {
		// an alias without an anchor
		return undefined;
	}
}

function readOurs(text: string): Reading | undefined {
	try {
		const document = ours.parseDocument(text);
		const scalars: Reading['scalars'] = [];
		ours.visit(document, {
			Scalar: (_, { value, type }) => scalars.push([value, type === ours.Scalar.PLAIN])
		});
		return { value: document.toJS(), scalars };
	} catch {
		return undefined;
	}
}

const FILE = `# a comment
file_format: '1.0'
disabled: !!bool "false"
propagator: { composite: [{ tracecontext: }, b3: {}], 'composite_list': "tracecontext,\\u0062aggage" }
resource: &resource
  attributes:
  - name: service.name
    value: \${SERVICE:-shop}
  - {name: "quoted", value: "\${SERVICE}"}
  - { name: replicas, value: 0x1F, type: int }
  description: >-
    folded
    text

    of two paragraphs
  license: |+
    kept
      as it is

again: *resource
<<: *resource
tracer_provider:
  sampler: ~
  processors:
    - batch:
        schedule_delay: +5_000
        export_timeout: 1e3
        ratio: .5
        exporter:
          otlp_http:
            endpoint: http://localhost:4318/v1/traces # the default
            'tls': null
`;

describe('the YAML parser reads what upstream reads:', () => {
	test.each([
		['a file', FILE],
		['nothing', ''],
		['a comment', '# nothing\n'],
		[
			'the values of the core schema',
			'[~, null, NULL, True, false, yes, 0o17, 0x1f, 017, -1, +1., .5, 1e-3, .inf, -.Inf, .NaN, 1_000, 2001-01-01, =]'
		],
		['values with tags', '[!!str 5, !!int "5", !!float 1.5, !!null "", ! 7, !own 8, !!map {a: 1}]'],
		['quotes', `['it''s', "a\\tb\\\n  c", 'two\n\n lines', "\\x41"]`],
		['keys of other types', '1: a\ntrue: b\n~: c\n0x10: d\n"e": f\n__proto__: g\n'],
		['merge keys as keys', 'a: &a { x: 1 }\nb: { <<: *a, y: 2 }\n'],
		['an anchor that is used again', '- &a 1\n- *a\n- &a 2\n- *a\n'],
		['a directive', '%YAML 1.2\n---\na: 1\n...\n'],
		['Windows line ends', 'a:\r\n  - b\r\n  - |\r\n    c\r\n    d\r\n'],
		['a byte order mark', '\uFEFFa: 1\n'],
		['indicators within a value', 'a: b#c\nd: e:f\ng: -h\ni: http://[::1]:80\n'],
		['values without indent', 'a:\n- b\n- c:\n  d:\n']
	])('%s', (_, text) => {
		const expected = readUpstream(text);
		expect(expected).toBeDefined();
		expect(readOurs(text)).toEqual(expected);
	});

	test.each([
		'a: [',
		'a: "b',
		'a: b: c',
		'a:\n\tb: 1',
		'a: 1\na: 2',
		'a: *nowhere',
		'a: 1\n--- \nb: 2\n',
		'- a\nb: 1',
		'a: @b',
		'a: {b: 1]'
	])('an error: %j', (text) => {
		expect(readUpstream(text)).toBeUndefined();
		expect(readOurs(text)).toBeUndefined();
	});

	test('a thousand changed files', () => {
		const random = createRandom(7);
		const pieces = [
			'\n',
			' ',
			'  ',
			': ',
			'- ',
			'"',
			"'",
			'{',
			']',
			',',
			' #',
			'&a ',
			'*a',
			'|\n',
			'!!str ',
			'\t',
			'0x',
			'-',
			'~'
		];
		const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
		let same = 0;
		for (let count = 0; count < 1000; count++) {
			let text = FILE;
			for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
				const at = Math.floor(random() * text.length);
				text = text.slice(0, at) + pick(pieces) + text.slice(at + Math.floor(random() * 3));
			}
			const [expected, read] = [readUpstream(text), readOurs(text)];
			if (!expected || !read) continue;
			expect(read.value, text).toEqual(expected.value);
			same++;
		}
		expect(same).toBeGreaterThan(300);
	}, 30_000);
});

test('aliases of aliases do not make the document endless', () => {
	const lines = [
		'a0: &a0 [x, x]',
		...Array.from({ length: 40 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`)
	];
	expect(() => ours.parse(lines.join('\n'))).toThrow('too many aliases');
});
