import { FIRST_PARTS, type Part, sumOf, weighParts } from './parts.ts';

/* `npm run weight`: prints what each part of `build/otel` weighs, as the table of docs/performance.md. */

const sizes = weighParts();
const parts = (Object.keys(sizes) as Part[]).sort((a, b) => sizes[b] - sizes[a]);
const inEveryBuild = parts.filter((part) => !part.startsWith('instrumentations'));

const row = (name: string, bytes: number): string => `| ${name} | ${Math.round(bytes / 1000)} |`;

console.log(
	[
		'| part of `build/otel` | KB |',
		'| --- | ---: |',
		...parts.filter((part) => inEveryBuild.includes(part)).map((part) => row(part, sizes[part])),
		row('**all, in every build**', sumOf(sizes, inEveryBuild)),
		...parts.filter((part) => !inEveryBuild.includes(part)).map((part) => row(part, sizes[part])),
		'',
		`${FIRST_PARTS.join(', ')}: ${sumOf(sizes, FIRST_PARTS)} bytes`
	].join('\n')
);
