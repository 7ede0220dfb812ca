import { applyDecorators } from '@nestjs/common';
import { ApiExtension, type OpenAPIObject } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify';
import { Cursors } from '#realtime';
import { routesOf } from '../docs/document-types.js';

export const CURSOR_HEADER = 'Tidings-Cursor';

const EXTENSION = 'x-sets-cursor';

/** The response has a Tidings-Cursor, from which a client follows what it has loaded. */
export const SetsCursor = (): MethodDecorator =>
  applyDecorators(RouteConfig({ setsCursor: true }), ApiExtension(EXTENSION, true));

type Request = FastifyRequest & { cursor?: string };

/** Takes the cursor before the controller reads anything. Without the database there is none. */
export function setCursors(fastify: FastifyInstance, cursors: Cursors): void {
  fastify.addHook('preHandler', async (request: Request) => {
    const { setsCursor } = request.routeOptions.config as FastifyContextConfig & { setsCursor?: boolean };
    if (setsCursor) request.cursor = await cursors.current();
  });
  fastify.addHook('onSend', (request: Request, reply, _payload, done) => {
    if (request.cursor !== undefined && reply.statusCode === 200) {
      void reply.header(CURSOR_HEADER, request.cursor);
    }
    done();
  });
}

export function describeCursors(document: OpenAPIObject): void {
  for (const { operation } of routesOf(document)) {
    const marked = operation as typeof operation & { [EXTENSION]?: boolean };
    if (!marked[EXTENSION]) continue;
    delete marked[EXTENSION];
    Object.assign(operation.responses['200']!, {
      headers: {
        [CURSOR_HEADER]: {
          description: 'Taken before the response: GET /realtime/changes follows from it.',
          schema: { type: 'string' },
        },
      },
    });
  }
}
