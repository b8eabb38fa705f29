import type { Variable } from './variable.ts';
import { METRICS_VARIABLES } from './variables-metrics.ts';
import { VARIABLES } from './variables.ts';

/** Every variable that this package reads, by purpose; those of OTLP are grouped by signal. */
export const ALL_VARIABLES = { ...VARIABLES, ...METRICS_VARIABLES };

/** All variables in one list. */
export const listVariables = (): Variable<unknown>[] =>
	Object.values(ALL_VARIABLES).flatMap((entry) =>
		'name' in entry ? [entry] : Object.values<Variable<unknown>>(entry as never)
	) as Variable<unknown>[];
