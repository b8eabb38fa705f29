import assert from 'node:assert/strict';
import { type App, buildApp } from '../support/app.ts';
import type { RunningServer } from '../support/server.ts';

/** The app of the demo, built with the packed package. */
export const buildDemo = (): Promise<App> => buildApp({ app: 'basic', combination: 'kit-3' });

/** A request of the demo. */
export interface Request {
	title: string;
	send(server: RunningServer): Promise<Response>;
	status: number;
	traced: boolean;
}

/** The one of the README's picture. */
export const README_REQUEST: Request = {
	title: 'GET /blog/hello?utm_source=newsletter',
	send: (s) => s.fetch('/blog/hello?utm_source=newsletter'),
	status: 200,
	traced: true
};

/** The one that is kept when few are traced. */
export const FAILING_REQUEST: Request = {
	title: 'a page that throws: GET /error/unexpected',
	send: (s) => s.fetch('/error/unexpected'),
	status: 500,
	traced: true
};

/** A handful of what a real server is asked for. */
export const requests: Request[] = [
	{
		title: 'a page: GET /blog/hello?utm_source=mail',
		send: (s) => s.fetch('/blog/hello?utm_source=mail'),
		status: 200,
		traced: true
	},
	{
		title: 'a form action: POST /actions/named?/success',
		send: (s) => s.submit('/actions/named?/success'),
		status: 200,
		traced: true
	},
	{
		title: 'an endpoint: GET /api/post/7',
		send: (s) => s.fetch('/api/post/7'),
		status: 200,
		traced: true
	},
	FAILING_REQUEST,
	{ title: 'a missing page: GET /nowhere', send: (s) => s.fetch('/nowhere'), status: 404, traced: true },
	{
		title: 'a static file: GET /robots.txt',
		send: (s) => s.fetch('/robots.txt'),
		status: 200,
		traced: false
	}
];

/** Sends a request and takes the whole response; resolves with its status. */
export async function ask(server: RunningServer, { send, status }: Request): Promise<number> {
	const response = await send(server);
	await response.arrayBuffer();
	assert.equal(response.status, status);
	return status;
}
