import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { expect, test } from 'vitest';

import { makeInstrumentations } from '../../files/instrumentation/make.ts';

class Pg extends InstrumentationBase {
	constructor(options = {}) {
		super('pg', '1.0.0', { ...options, enabled: false });
	}
	init(): void {}
}

class Redis extends Pg {
	override instrumentationName = 'redis';
}

/** As TypeScript compiles it: there is no `init`. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const AbstractBase = class extends (InstrumentationBase as unknown as typeof Pg) {};

class AbstractWithInit extends Pg {
	override init(): void {
		(this as unknown as { definitions(): void }).definitions();
	}
}

class Concrete extends AbstractWithInit {
	definitions(): void {}
}

class Broken extends Pg {
	constructor() {
		super();
		throw new Error('no licence');
	}
}

const instance = new Pg();

const getters = {
	Pg,
	get broken(): never {
		throw new Error('not installed');
	}
};

test.each<[string, object, names: string[]]>([
	['classes', { Pg, Redis }, ['pg', 'redis']],
	['the same class by two names', { Pg, PgInstrumentation: Pg }, ['pg']],
	['no base class, whatever its name', { InstrumentationBase, AbstractBase, Pg }, ['pg']],
	['no base class that cannot be made', { AbstractWithInit, Concrete }, ['pg']],
	['CommonJS that exports a class', { default: Pg, 'module.exports': Pg }, ['pg']],
	['CommonJS with a default export', { default: { __esModule: true, default: Pg } }, ['pg']],
	['an instance', { instance }, ['pg']],
	['a function that returns one', { createInstrumentation: () => new Pg() }, ['pg']],
	['no other function', { version: () => new Pg() }, []],
	['no function where there is a class', { Pg, createInstrumentation: () => new Redis() }, ['pg']],
	['no export that cannot be read', getters, ['pg']],
	['nothing at all', { version: '1', options: null }, []]
])('of a package, %s is made', (_, exports, names) => {
	const { instrumentations, failures } = makeInstrumentations(exports, {});
	expect(instrumentations.map(({ instrumentationName }) => instrumentationName)).toEqual(names);
	expect(failures).toEqual([]);
});

test('a class whose constructor throws is named, and the others are used', () => {
	const { instrumentations, failures } = makeInstrumentations({ Broken, Pg }, {});
	expect(instrumentations).toHaveLength(1);
	expect(failures).toEqual([{ name: 'Broken', error: new Error('no licence') }]);
});

test.each([{ Pg }, { createInstrumentation: (options: object) => new Pg(options) }, { instance }])(
	'%o is given the options',
	(exports) => {
		const { instrumentations } = makeInstrumentations(exports, { requireParentSpan: true });
		expect(instrumentations[0]!.getConfig()).toMatchObject({ requireParentSpan: true });
	}
);
