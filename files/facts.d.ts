/** The build-time facts of an app; `src/emit.ts` writes them to `build/otel/facts.js`. */
declare const facts: import('./seam.d.ts').Facts;
export default facts;
