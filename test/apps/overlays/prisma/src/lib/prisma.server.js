import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

export const prisma = new PrismaClient({
	adapter: new PrismaPg({ connectionString: process.env.POSTGRES_URL })
});

// its connections would hold the process
process.on('sveltekit:shutdown', () => prisma.$disconnect());
