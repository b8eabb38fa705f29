export { traceHandler, traceServer } from '../register.ts';
