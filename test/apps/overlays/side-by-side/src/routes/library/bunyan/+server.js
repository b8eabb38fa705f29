import bunyan from 'bunyan';

export async function GET() {
	const lines = [];
	const stream = { write: ({ msg, trace_id, span_id, trace_flags }) => lines.push({ msg, trace_id, span_id, trace_flags }) };
	bunyan.createLogger({ name: 'shop', streams: [{ type: 'raw', stream }] }).info('paid');
	return Response.json(lines);
}
