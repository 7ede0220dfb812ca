import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { expect } from 'vitest';
import { TokenVerifier } from '#access';
import type { TestApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

export interface Frame {
  type: 'hello' | 'notification' | 'gap';
  seq: number;
  last_seq: number;
  notification: Record<string, any>;
}

/** A socket that keeps all frames that it receives, and how it was closed. */
export class Connection {
  readonly frames: Frame[] = [];
  closed?: { code: number; reason: string };

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as Frame));
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    socket.on('error', () => undefined);
  }

  get notifications(): Frame[] {
    return this.frames.filter(({ type }) => type === 'notification');
  }

  get bodies(): string[] {
    return this.notifications.map(({ notification }) => notification['body'] as string);
  }

  /** Waits until exactly these have come, in this order. */
  expectBodies = (bodies: string[], timeout = 10_000) =>
    expect.poll(() => this.bodies, { timeout, interval: 5 }).toEqual(bodies);

  expectClosed = (code: number, timeout = 10_000) =>
    expect.poll(() => this.closed?.code, { timeout, interval: 5 }).toBe(code);

  async ready(): Promise<this> {
    await expect.poll(() => this.frames[0]?.type, { timeout: 10_000, interval: 2 }).toBe('hello');
    return this;
  }

  drop = (): void => this.socket.terminate();
}

export const tokenOf = (api: TestApi, { organization, id }: TestMember, lifetime = '1 hour') =>
  api.app.get(TokenVerifier).sign({ userId: id, organizationId: organization.id }, lifetime);

export function portOf({ app }: Pick<TestApi, 'app'>): number {
  return (app.getHttpServer().address() as { port: number }).port;
}

export interface Connecting {
  since?: number;
  headers?: Record<string, string>;
  protocols?: string[];
  path?: string;
  options?: ClientOptions;
}

/** Not yet connected: it may be refused. */
export function dial(
  port: number,
  { since, headers, protocols, path = '/api/v1/realtime', options }: Connecting = {},
): WebSocket {
  const query = since === undefined ? '' : `?since=${since}`;
  return new WebSocket(`ws://127.0.0.1:${port}${path}${query}`, protocols, { headers, ...options });
}

export async function connect(
  api: TestApi,
  member: TestMember,
  given: Connecting & { lifetime?: string } = {},
): Promise<Connection> {
  const Authorization = `Bearer ${await tokenOf(api, member, given.lifetime)}`;
  const connection = new Connection(
    dial(portOf(api), { ...given, headers: { Authorization, ...given.headers } }),
  );
  return connection.ready();
}

/** How a connection is refused, over HTTP. */
export async function refusal(socket: WebSocket) {
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    import('node:http').IncomingMessage,
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode,
    headers: response.headers,
    body: JSON.parse(text) as Record<string, unknown>,
  };
}
