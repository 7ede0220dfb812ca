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
import { type FeedSubscription, RealtimeHub, SignalsService, SyncService } from '#realtime';
import { ServingState } from '../operations/serving-state.js';
import { ConnectionLimits } from './connection-limits.js';
import { FeedConnection } from './feed-connection.js';
import { SyncConnection } from './sync-connection.js';
import { PROTOCOL, SYNC_PROTOCOL, type Upgrade } from './upgrade.js';

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
  /** Where tidings.v2 continues. Without it, the client has seen everything. */
  cursor?: string;
}

/** The connections of this process. */
@Injectable()
export class Sockets implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) =>
      [SYNC_PROTOCOL, PROTOCOL].find((protocol) => offered.has(protocol)) ?? false,
  });
  private readonly sockets = new Set<FeedConnection | SyncConnection>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly hub: RealtimeHub,
    private readonly sync: SyncService,
    private readonly signals: SignalsService,
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
    this.server.handleUpgrade(request, socket, head, (accepted) => {
      if (accepted.protocol === SYNC_PROTOCOL) void this.acceptSync(accepted, opening);
      else this.accept(accepted, opening);
    });
  }

  private accept(accepted: WebSocket, { caller, expiresAt, lastSeq, since }: Opening): void {
    const { organizationId, userId } = caller;
    let subscription: FeedSubscription | undefined;
    const socket = new FeedConnection(
      accepted,
      expiresAt,
      this.closing(caller, () => {
        this.sockets.delete(socket);
        if (subscription) this.hub.close(subscription);
      }),
    );
    this.sockets.add(socket);
    socket.greet(lastSeq);
    subscription = this.hub.open(organizationId, userId, Math.min(since ?? lastSeq, lastSeq), socket);
  }

  private async acceptSync(accepted: WebSocket, { caller, expiresAt, cursor }: Opening): Promise<void> {
    const connection = new SyncConnection(
      accepted,
      { caller, expiresAt },
      this.sync,
      this.signals,
      this.closing(caller, () => this.sockets.delete(connection)),
    );
    this.sockets.add(connection);
    await connection.follow(cursor ?? (await this.sync.now()).cursor);
  }

  /** Counts the connection until it is closed. */
  private closing(caller: PersonCaller, close: () => void): () => void {
    const leave = this.limits.add(caller);
    return () => {
      leave();
      close();
    };
  }

  private closeAll(): void {
    for (const socket of this.sockets) socket.stop();
  }
}
