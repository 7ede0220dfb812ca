import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** The subprotocol, after which a browser, which cannot set headers, names its token. */
export const PROTOCOL = 'tidings';
const PROTOCOL_WITH_TOKEN = new RegExp(`^${PROTOCOL} *, *([\\w.-]+)$`);

export interface Upgrade {
  socket: Duplex;
  head: Buffer;
  response: ServerResponse;
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>();

const PATH = /^\/api(?:\/v1)?\/realtime(?:\?|$)/;

/**
 * Only the route of the WebSocket is upgraded. Elsewhere, and to anything else, a request that asks for an upgrade is
 * served as if it had not, as RFC 9110 allows, under all limits of requests.
 */
export const mayUpgrade = ({ method, headers, url = '' }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && PATH.test(url);

/** undefined for what did not ask for one. */
export const upgradeOf = (request: IncomingMessage): Upgrade | undefined => upgrades.get(request);

/** Sends what wants to become a socket through the router, so that it is judged and refused like any request. */
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
