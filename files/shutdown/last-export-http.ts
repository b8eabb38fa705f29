/** The worker of the last export for processes that do not export over gRPC. */
export { default as worker } from 'virtual:last-export-worker/http';
