import grpc from '@grpc/grpc-js';

const json = {
	serialize: (value) => Buffer.from(JSON.stringify(value)),
	deserialize: (bytes) => JSON.parse(bytes)
};
const service = {
	buy: {
		path: '/shop.Shop/Buy',
		requestStream: false,
		responseStream: false,
		requestSerialize: json.serialize,
		requestDeserialize: json.deserialize,
		responseSerialize: json.serialize,
		responseDeserialize: json.deserialize
	}
};

export async function GET() {
	const server = new grpc.Server();
	server.addService(service, { buy: ({ request }, callback) => callback(null, { bought: request.id }) });
	const port = await new Promise((resolve, reject) =>
		server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
			error ? reject(error) : resolve(bound)
		)
	);
	const Shop = grpc.makeGenericClientConstructor(service, 'Shop');
	const client = new Shop(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
	const answer = await new Promise((resolve, reject) =>
		client.buy({ id: 7 }, (error, value) => (error ? reject(error) : resolve(value)))
	);
	client.close();
	server.forceShutdown();
	return Response.json(answer);
}
