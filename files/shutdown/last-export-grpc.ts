/** The worker of the last export for processes that export over gRPC, perhaps not all signals. */
export { default as worker } from 'virtual:last-export-worker/all';
