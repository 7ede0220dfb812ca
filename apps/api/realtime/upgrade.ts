import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** The subprotocol. A browser, which cannot set headers, sends its token as the next one. */
export const PROTOCOL = 'tidings';
/** For clients that follow everything that changes. */
export const SYNC_PROTOCOL = 'tidings.v2';
/** Whether a client that asks for several protocols gets tidings.v2. */
export const wantsSync = ({ headers }: IncomingMessage): boolean =>
  headers['sec-websocket-protocol']?.split(',').some((name) => name.trim() === SYNC_PROTOCOL) ?? false;

const PROTOCOL_WITH_TOKEN = /^tidings(?:\.v2)? *, *([\w.-]+)$/;

export interface Upgrade {
  socket: Duplex;
  head: Buffer;
  response: ServerResponse;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

const PATH = /^\/api(?:\/v1)?\/realtime(?:\?|$)/;

/**
 * Only the WebSocket route is upgraded. On other routes, and for other protocols, the Upgrade header is ignored, as
 * RFC 9110 allows, and all limits of requests apply.
 */
export const mayUpgrade = ({ method, headers, url = '' }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && PATH.test(url);

/** undefined if the request asked for no upgrade. */
export const upgradeOf = (request: IncomingMessage): Upgrade | undefined => upgrades.get(request);

/** Sends upgrade requests through the router, so that they are checked and refused like any request. */
export function routeUpgrades(fastify: FastifyInstance): void {
  fastify.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
    response.on('finish', () => socket.end(() => socket.destroy()));
    upgrades.set(request, { socket, head, response });
    const [, token] = PROTOCOL_WITH_TOKEN.exec(request.headers['sec-websocket-protocol'] ?? '') ?? [];
    if (token !== undefined) request.headers.authorization ??= `Bearer ${token}`;
    fastify.routing(request, response);
  });
}
