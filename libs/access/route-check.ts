import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ALLOWED } from './allow.js';

/** The metadata under which Nest keeps the path of a handler. */
const PATH = 'path';

/** A route that says nothing of who may call it is a mistake, so it stops the start rather than answer 403. */
@Injectable()
export class RouteCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    for (const { metatype, instance } of this.discovery.getControllers()) {
      if (!metatype || !instance) continue;
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const handler = prototype[name]!;
        const isRoute = Reflect.hasMetadata(PATH, handler);
        if (isRoute && !this.reflector.getAllAndOverride(ALLOWED, [handler, metatype])) {
          throw new Error(
            `${metatype.name}.${name} does not say who may call it: give it @Allow(…) or @Public().`,
          );
        }
      }
    }
  }
}
