export function GET() {
	throw new Error('unexpected in an endpoint');
}
