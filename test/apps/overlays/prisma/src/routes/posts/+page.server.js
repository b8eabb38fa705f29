import { prisma } from '../../lib/prisma.server.js';

export async function load() {
	// what migrations are for, in an app that lives longer
	await prisma.$executeRaw`CREATE TABLE IF NOT EXISTS "Post" (id serial PRIMARY KEY, title text NOT NULL)`;
	const { id } = await prisma.post.create({ data: { title: 'Hello' } });
	return { post: await prisma.post.findUnique({ where: { id } }) };
}
