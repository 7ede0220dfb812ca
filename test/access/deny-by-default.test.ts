import { Controller, Get, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describe, expect, it } from 'vitest';
import { Allow, Public, RouteCheck } from '#access';

@Controller('open')
class SilentController {
  @Get()
  read(): string {
    return 'anything';
  }
}

@Controller('said')
class SpokenController {
  @Get('public')
  @Public()
  first(): string {
    return 'for all';
  }

  @Get('person')
  @Allow('person')
  second(): string {
    return 'for some';
  }
}

async function start(controller: new () => object): Promise<void> {
  @Module({
    imports: [DiscoveryModule],
    controllers: [controller],
    providers: [RouteCheck, { provide: APP_GUARD, useValue: { canActivate: () => true } }],
  })
  class App {}

  const app = await NestFactory.create(App, new FastifyAdapter(), { logger: false, abortOnError: false });
  try {
    await app.init();
  } finally {
    await app.close();
  }
}

describe('a route without @Allow or @Public', () => {
  it('stops the start with an error that names it', async () => {
    await expect(start(SilentController)).rejects.toThrow(
      'SilentController.read does not say who may call it',
    );
  });

  it('is not reported if it has either decorator', async () => {
    await expect(start(SpokenController)).resolves.toBeUndefined();
  });
});
