/** The build manifest of an app; `src/emit.ts` writes it to `build/otel/build-manifest.js`. */
declare const buildManifest: import('./types/build-manifest.d.ts').BuildManifest;
export default buildManifest;
