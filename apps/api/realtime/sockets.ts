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
import { ServingState } from '../operations/serving-state.js';
import { ConnectionLimits } from './connection-limits.js';
import { Socket } from './socket.js';
import { PROTOCOL, type Upgrade } from './upgrade.js';

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
  private readonly sockets = new Set<Socket>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly hub: RealtimeHub,
    private readonly state: ServingState,
    private readonly limits: ConnectionLimits,
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
      (gauge) => gauge.set([...this.sockets].reduce((sum, { unsentBytes }) => sum + unsentBytes, 0)),
    );
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      for (const socket of this.sockets) socket.ping();
    }, PING_MILLISECONDS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.closeAll();
  }

  /** The server closes once no client is connected. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const end = Date.now() + CLOSING_MILLISECONDS; this.sockets.size > 0; await delay(10)) {
      if (Date.now() > end) for (const socket of this.sockets) socket.drop();
    }
  }

  assertMayOpen(caller: PersonCaller, reply: FastifyReply): void {
    if (this.state.draining) throw new Problem('unavailable');
    this.limits.assertMayOpen(caller, reply);
  }

  open(request: IncomingMessage, { socket, head, response }: Upgrade, opening: Opening): void {
    response.detachSocket(socket as Parameters<typeof response.detachSocket>[0]);
    this.server.handleUpgrade(request, socket, head, (accepted) => this.accept(accepted, opening));
  }

  private accept(accepted: WebSocket, { caller, expiresAt, lastSeq, since }: Opening): void {
    const { organizationId, userId } = caller;
    const leave = this.limits.add(caller);
    let subscription: FeedSubscription | undefined;
    const socket = new Socket(accepted, expiresAt, () => {
      this.sockets.delete(socket);
      leave();
      if (subscription) this.hub.close(subscription);
    });
    this.sockets.add(socket);
    socket.greet(lastSeq);
    subscription = this.hub.open(organizationId, userId, Math.min(since ?? lastSeq, lastSeq), socket);
  }

  private closeAll(): void {
    for (const socket of this.sockets) socket.close('goingAway');
  }
}
