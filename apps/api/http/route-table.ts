import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';

export interface Route {
  method: string;
  /** As in Fastify: /api/v1/members/:person */
  path: string;
}

/** Every route that is served, from the router itself: for 405, and for the tests that cover all routes. */
@Injectable()
export class RouteTable {
  readonly routes: Route[] = [];

  constructor({ httpAdapter }: HttpAdapterHost) {
    httpAdapter.getInstance<FastifyInstance>().addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) this.routes.push({ method: one, path: url });
    });
  }

  methodsOf(url: string): string[] {
    const path = url.split('?')[0]!;
    const methods = this.routes.filter((route) => matches(route.path, path)).map(({ method }) => method);
    return [...new Set(methods)].toSorted();
  }
}

function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('/');
  const given = path.split('/');
  return (
    parts.length === given.length &&
    parts.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]))
  );
}
