import DataLoader from 'dataloader';

export async function GET() {
	const loader = new DataLoader(async (keys) => keys.map((key) => key * 2));
	loader.prime(1, 2);
	return Response.json([await loader.loadMany([1, 2]), await loader.load(3)]);
}
