import module from 'node:module';

/** Whether telemetry is disabled, and with it the app's `instrumentation.server` file. */
export const isDisabled = (): boolean => process.env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';

/**
 * Makes a module that was not imported yet an empty one, while telemetry is disabled.
 *
 * @param url the module's URL
 */
export function skipModule(url: string): void {
	// a Node that is too old has none, and must still load the adapter
	module.registerHooks?.({
		load: (each, context, next) =>
			each === url && isDisabled()
				? { format: 'module', source: '', shortCircuit: true }
				: next(each, context)
	});
}
