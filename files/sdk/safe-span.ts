import {
	type Attributes,
	type Exception,
	type Link,
	type SpanStatus,
	type TimeInput,
	diag
} from '@opentelemetry/api';
import { describeError } from '../diagnostics/log.ts';
import { KitSpan } from './kit-span.ts';

/**
 * A span that accepts any arguments from the app. Invalid ones are logged and ignored; the SDK's span would throw
 * and fail the request.
 */
export class SafeSpan extends KitSpan {
	override setAttribute(key: string, value: Attributes[string]): this {
		try {
			return super.setAttribute(key, value);
		} catch (error) {
			return ignoreInvalid(this, 'setAttribute', error);
		}
	}

	override setAttributes(attributes: Attributes): this {
		try {
			return super.setAttributes(attributes);
		} catch (error) {
			return ignoreInvalid(this, 'setAttributes', error);
		}
	}

	override addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
		try {
			return super.addEvent(name, attributesOrTime, time);
		} catch (error) {
			return ignoreInvalid(this, 'addEvent', error);
		}
	}

	override addLink(link: Link): this {
		try {
			return super.addLink(link);
		} catch (error) {
			return ignoreInvalid(this, 'addLink', error);
		}
	}

	override addLinks(links: Link[]): this {
		try {
			return super.addLinks(links);
		} catch (error) {
			return ignoreInvalid(this, 'addLinks', error);
		}
	}

	override setStatus(status: SpanStatus): this {
		try {
			return super.setStatus(status);
		} catch (error) {
			return ignoreInvalid(this, 'setStatus', error);
		}
	}

	override updateName(name: string): this {
		try {
			return super.updateName(name);
		} catch (error) {
			return ignoreInvalid(this, 'updateName', error);
		}
	}

	override recordException(exception: Exception, time?: TimeInput): void {
		try {
			super.recordException(exception, time);
		} catch (error) {
			ignoreInvalid(this, 'recordException', error);
		}
	}

	override end(time?: TimeInput): void {
		try {
			super.end(time);
		} catch (error) {
			ignoreInvalid(this, 'end', error).end();
		}
	}
}

/**
 * A function instead of a method, because the constructor of the base class calls guarded methods before the
 * private methods of this class exist.
 */
function ignoreInvalid<S extends SafeSpan>(span: S, method: string, error: unknown): S {
	diag.warn(
		`${method} of a span was called with an invalid argument (${describeError(error)}): it is ignored`
	);
	return span;
}
