import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PersonCaller } from '#identity';
import { Problem } from '#problem';
import { Metrics } from '#metrics';
import { type FeedSubscription, RealtimeHub } from '#realtime';
import { rateLimited } from '../http/over-limit.js';
import { ServingState } from '../operations/serving-state.js';
import { Socket } from './socket.js';
import { PROTOCOL, type Upgrade } from './upgrade.js';

const MAX_PER_PERSON = 10;
/** Each connection takes a file descriptor and some memory, which other organizations need too. */
const MAX_PER_ORGANIZATION = 5000;
const MAX_FRAME_BYTES = 64 * 1024;
const PING_MILLISECONDS = 30_000;

/** How long a client may take to answer the close frame. */
const CLOSING_MILLISECONDS = 1000;

export interface Opening {
  caller: PersonCaller;
  expiresAt: Date;
  /** The last seq of the person's feed. */
  lastSeq: number;
  /** The last seq that the client has seen. Without it, the client has seen everything. */
  since?: number;
}

type Person = Pick<PersonCaller, 'organizationId' | 'userId'>;

/** The connections of this process. */
@Injectable()
export class Sockets implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) => offered.has(PROTOCOL) && PROTOCOL,
  });
  /** A property, because tests set fewer. */
  maxPerOrganization = MAX_PER_ORGANIZATION;
  private readonly sockets = new Map<Socket, Person>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly hub: RealtimeHub,
    private readonly state: ServingState,
    metrics: Metrics,
  ) {
    state.onDrain(() => this.closeAll());
    metrics.gauge({ name: 'websocket_connections', help: 'Open WebSockets.' }, (gauge) =>
      gauge.set(this.sockets.size),
    );
    metrics.gauge(
      {
        name: 'websocket_unsent_bytes',
        help: 'Bytes that wait because clients do not read their WebSockets.',
      },
      (gauge) => gauge.set([...this.sockets.keys()].reduce((sum, { unsentBytes }) => sum + unsentBytes, 0)),
    );
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      for (const socket of this.sockets.keys()) socket.ping();
    }, PING_MILLISECONDS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.closeAll();
  }

  /** The server closes once no client is connected. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const end = Date.now() + CLOSING_MILLISECONDS; this.sockets.size > 0; await delay(10)) {
      if (Date.now() > end) for (const socket of this.sockets.keys()) socket.drop();
    }
  }

  assertMayOpen(caller: PersonCaller, reply: FastifyReply): void {
    if (this.state.draining) throw new Problem('unavailable');
    const { organizationId, userId } = caller;
    const ofOrganization = [...this.sockets.values()].filter((one) => one.organizationId === organizationId);
    const ofPerson = ofOrganization.filter((one) => one.userId === userId);
    if (ofPerson.length >= MAX_PER_PERSON)
      throw tooMany(reply, `A person has at most ${MAX_PER_PERSON} connections: close one first.`);
    if (ofOrganization.length >= this.maxPerOrganization)
      throw tooMany(
        reply,
        `An organization has at most ${this.maxPerOrganization} connections: try again later.`,
      );
  }

  open(request: IncomingMessage, { socket, head, response }: Upgrade, opening: Opening): void {
    response.detachSocket(socket as Parameters<typeof response.detachSocket>[0]);
    this.server.handleUpgrade(request, socket, head, (accepted) => this.accept(accepted, opening));
  }

  private accept(accepted: WebSocket, { caller, expiresAt, lastSeq, since }: Opening): void {
    const { organizationId, userId } = caller;
    let subscription: FeedSubscription | undefined;
    const socket = new Socket(accepted, expiresAt, () => {
      this.sockets.delete(socket);
      if (subscription) this.hub.close(subscription);
    });
    this.sockets.set(socket, { organizationId, userId });
    socket.greet(lastSeq);
    subscription = this.hub.open(organizationId, userId, Math.min(since ?? lastSeq, lastSeq), socket);
  }

  private closeAll(): void {
    for (const socket of this.sockets.keys()) socket.close('goingAway');
  }
}

/** By the time that it names, dead connections have been noticed. */
const tooMany = (reply: FastifyReply, detail: string): Problem =>
  rateLimited(detail, (2 * PING_MILLISECONDS) / 1000, reply);
