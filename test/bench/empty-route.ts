import 'reflect-metadata';
import { Allow } from '#access';
import { Controller, Get } from '@nestjs/common';

/**
 * Preloaded into a server, which then has one more route: for people, and with nothing to do. It passes through all
 * that any other does: hooks, guard, interceptors, pipe.
 */
class EmptyController {
  get(): object {
    return {};
  }
}

Controller('empty')(EmptyController);
const handler = Object.getOwnPropertyDescriptor(EmptyController.prototype, 'get')!;
Get()(EmptyController.prototype, 'get', handler);
Allow('person')(EmptyController.prototype, 'get', handler);

const built: string = new URL('../../dist/apps/api/identity/identity-api.module.js', import.meta.url).href;
const { IdentityApiModule } = (await import(built)) as { IdentityApiModule: object };
const controllers = Reflect.getMetadata('controllers', IdentityApiModule) as object[];
Reflect.defineMetadata('controllers', [...controllers, EmptyController], IdentityApiModule);
