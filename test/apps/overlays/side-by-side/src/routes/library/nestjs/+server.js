import 'reflect-metadata';
import { BadRequestException, Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

class Shop {
	list() {
		return 'all';
	}
	// with two copies of the package, this is an unknown error
	fail() {
		throw new BadRequestException('no');
	}
}
for (const name of ['list', 'fail']) {
	Get(name)(Shop.prototype, name, Object.getOwnPropertyDescriptor(Shop.prototype, name));
}
Controller('shop')(Shop);
class AppModule {}
Module({ controllers: [Shop] })(AppModule);

export async function GET() {
	const app = await NestFactory.create(AppModule, { logger: false });
	await app.listen(0, '127.0.0.1');
	const url = await app.getUrl();
	const list = await (await fetch(`${url}/shop/list`)).text();
	const { status } = await fetch(`${url}/shop/fail`);
	await app.close();
	return new Response(`${list} ${status}`);
}
