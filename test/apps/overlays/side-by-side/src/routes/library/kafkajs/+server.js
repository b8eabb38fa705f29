import { Kafka } from 'kafkajs';

export async function GET() {
	const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: 0, retry: { retries: 0 } });
	const producer = kafka.producer();
	const result = await producer
		.send({ topic: 'orders', messages: [{ value: 'one' }] })
		.catch(({ message }) => message);
	return Response.json(result);
}
