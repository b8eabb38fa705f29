import { expect, test } from 'vitest';
import { readRetryInfo } from '../../files/otlp/grpc-retry-info.ts';

const bytes = (number: number, content: Buffer): Buffer =>
	Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
const number = (field: number, ...varint: number[]): Buffer => Buffer.from([field << 3, ...varint]);

function statusWith(type: string, delay: Buffer): Buffer {
	const any = Buffer.concat([bytes(1, Buffer.from(type)), bytes(2, bytes(1, delay))]);
	return Buffer.concat([number(1, 8), bytes(2, Buffer.from('too much')), bytes(3, any)]);
}

const retryInfo = 'type.googleapis.com/google.rpc.RetryInfo';

test.each<[string, Buffer, number | undefined]>([
	['seconds', statusWith(retryInfo, number(1, 30)), 30_000],
	['seconds of two bytes', statusWith(retryInfo, number(1, 0xac, 0x02)), 300_000],
	['nanoseconds', statusWith(retryInfo, number(2, 0x80, 0xca, 0xb5, 0xee, 0x01)), 500],
	['no delay', statusWith(retryInfo, Buffer.alloc(0)), 0],
	['another detail', statusWith('type.googleapis.com/google.rpc.DebugInfo', number(1, 30)), undefined],
	['no details', Buffer.alloc(0), undefined]
])('reads %s', (_, status, expected) => {
	expect(readRetryInfo(status)).toBe(expected);
});

test('reads nothing from a status that is not valid', () => {
	const garbage = Buffer.alloc(64, 0xff);
	expect(readRetryInfo(Buffer.concat([Buffer.from(retryInfo), garbage]))).toBe(undefined);
	expect(readRetryInfo(Buffer.concat([bytes(3, bytes(1, Buffer.from(retryInfo))), garbage]))).toBe(0);
});
