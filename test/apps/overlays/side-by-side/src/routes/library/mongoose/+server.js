import mongoose from 'mongoose';

const Item = mongoose.model('Item', new mongoose.Schema({ name: String }, { bufferCommands: false }));

export async function GET() {
	const messages = [];
	for (const run of [() => Item.findOne({ name: 'one' }), () => new Item({ name: 'two' }).save()]) {
		await run().catch(({ message }) => messages.push(message));
	}
	return Response.json(messages);
}
