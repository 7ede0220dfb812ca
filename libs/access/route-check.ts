import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ALLOWED } from './allow.js';

/** The metadata key under which Nest stores the path of a handler. */
const PATH = 'path';

/** A route without @Allow or @Public is a mistake, so it stops the start. Answering 403 would hide it. */
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
