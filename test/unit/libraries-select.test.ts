import { expect, test } from 'vitest';

import { include } from '../../files/instrumentation/import-hooks.ts';
import { isWanted, shortName } from '../../files/instrumentation/select.ts';

const PG = '@opentelemetry/instrumentation-pg';
const PRISMA = '@prisma/instrumentation';

test.each([
	[PG, 'pg'],
	[PRISMA, PRISMA]
])('%s has the short name %s', (name, short) => {
	expect(shortName(name)).toBe(short);
});

test.each([
	['what is installed is used', { name: PG }, {}, undefined, true],
	['except what upstream disables', { name: PG, isOptIn: true as const }, {}, undefined, false],
	['unless the options name it', { name: PG, isOptIn: true as const }, {}, { [PG]: {} }, true],
	['or the environment', { name: PG, isOptIn: true as const }, { enabled: ['pg'] }, undefined, true],
	['the options leave it out', { name: PG }, {}, { [PG]: false as const }, false],
	[
		'the environment wins over the options',
		{ name: PG },
		{ enabled: ['pg'] },
		{ [PG]: false as const },
		true
	],
	['a list of others leaves it out', { name: PG }, { enabled: ['redis'] }, undefined, false],
	['and so does its name in the other list', { name: PG }, { disabled: ['pg'] }, { [PG]: {} }, false],
	['which wins', { name: PG }, { enabled: ['pg'], disabled: ['pg'] }, undefined, false],
	['full names are accepted', { name: PRISMA }, { enabled: [PRISMA] }, undefined, true]
])('%s', (_, found, settings, options, expected) => {
	expect(isWanted(found, { disabled: [], ...settings }, options)).toBe(expected);
});

test('a module definition is converted for the import hook', () => {
	expect(include({ name: 'pg' })).toEqual(['pg']);
	expect(include({ name: 'dns' })).toEqual(['dns', 'node:dns']);
	const [name, file] = include({ name: 'mongodb', files: [{ name: 'mongodb/lib/cmap/connection.js' }] });
	expect(name).toBe('mongodb');
	expect(file).toBeInstanceOf(RegExp);
	const matches = (url: string): boolean => (file as RegExp).test(url);
	expect(matches('file:///app/node_modules/mongodb/lib/cmap/connection.js')).toBe(true);
	expect(matches('file:///app/build/server/chunks/connection.js')).toBe(false);
	expect(matches('file:///app/node_modules/mongodb/lib/cmap/connectionXjs')).toBe(false);
});
