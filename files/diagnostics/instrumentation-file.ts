/** The file with the app's own telemetry code, as messages name it. */
export const INSTRUMENTATION_FILE = 'src/instrumentation.server';
