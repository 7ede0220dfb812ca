import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PersonCaller } from '#identity';
import { Problem } from '#problem';
import { Metrics } from '#metrics';
import { type FeedSubscription, RealtimeHub, SignalsService, SyncService } from '#realtime';
import { ServingState } from '../operations/serving-state.js';
import { ConnectionLimits } from './connection-limits.js';
import { EventStream, HEARTBEAT_MILLISECONDS } from './event-stream.js';
import { FeedConnection } from './feed-connection.js';
import { RealtimeMetrics, type Transport } from './realtime-metrics.js';
import { SyncConnection } from './sync-connection.js';
import { SyncFollower } from './sync-follower.js';
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
  /** The threads that a client of tidings.v2 shows. */
  shown: string[];
}

/** The connections of this process: WebSockets and event streams. */
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
  private readonly streams = new Set<EventStream>();
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly hub: RealtimeHub,
    private readonly sync: SyncService,
    private readonly signals: SignalsService,
    private readonly state: ServingState,
    private readonly limits: ConnectionLimits,
    private readonly counts: RealtimeMetrics,
    metrics: Metrics,
  ) {
    state.onDrain(() => this.closeAll());
    metrics.gauge({ name: 'websocket_connections', help: 'Open WebSockets.' }, (gauge) =>
      gauge.set(this.sockets.size),
    );
    metrics.gauge(
      {
        name: 'websocket_unsent_bytes',
        help: 'Bytes that wait because clients do not read their WebSockets and event streams.',
      },
      (gauge) => gauge.set(this.all.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0)),
    );
  }

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => {
        for (const socket of this.sockets) socket.ping();
      }, PING_MILLISECONDS),
      setInterval(() => {
        for (const stream of this.streams) stream.beat();
      }, HEARTBEAT_MILLISECONDS),
    ];
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.closeAll();
  }

  /** The server closes once no client is connected. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const end = Date.now() + CLOSING_MILLISECONDS; this.all.length > 0; await delay(10)) {
      if (Date.now() > end) for (const connection of this.all) connection.drop();
    }
  }

  assertMayOpen(caller: PersonCaller, reply: FastifyReply): void {
    if (this.state.draining) throw new Problem('unavailable');
    this.limits.assertMayOpen(caller, reply);
  }

  openStream(
    response: ServerResponse,
    { caller, expiresAt, cursor, shown }: Pick<Opening, 'caller' | 'expiresAt' | 'cursor' | 'shown'>,
  ): void {
    const stream = new EventStream(
      response,
      expiresAt,
      this.counts,
      this.closing(caller, 'sse', () => this.streams.delete(stream)),
    );
    this.streams.add(stream);
    void new SyncFollower(this.sync, this.counts, caller, stream, shown).follow(cursor);
  }

  open(request: IncomingMessage, { socket, head, response }: Upgrade, opening: Opening): void {
    response.detachSocket(socket as Parameters<typeof response.detachSocket>[0]);
    this.server.handleUpgrade(request, socket, head, (accepted) => {
      if (accepted.protocol === SYNC_PROTOCOL) this.acceptSync(accepted, opening);
      else this.accept(accepted, opening);
    });
  }

  private accept(accepted: WebSocket, { caller, expiresAt, lastSeq, since }: Opening): void {
    const { organizationId, userId } = caller;
    let subscription: FeedSubscription | undefined;
    const socket = new FeedConnection(
      accepted,
      expiresAt,
      this.counts,
      this.closing(caller, 'websocket_v1', () => {
        this.sockets.delete(socket);
        if (subscription) this.hub.close(subscription);
      }),
    );
    this.sockets.add(socket);
    socket.greet(lastSeq);
    subscription = this.hub.open(organizationId, userId, Math.min(since ?? lastSeq, lastSeq), socket);
  }

  private acceptSync(accepted: WebSocket, { caller, expiresAt, cursor, shown }: Opening): void {
    const connection = new SyncConnection(
      accepted,
      { caller, expiresAt, shown },
      this.sync,
      this.signals,
      this.counts,
      this.closing(caller, 'websocket_v2', () => this.sockets.delete(connection)),
    );
    this.sockets.add(connection);
    void connection.follow(cursor);
  }

  private get all(): (FeedConnection | SyncConnection | EventStream)[] {
    return [...this.sockets, ...this.streams];
  }

  /** Counts the connection until it is closed. */
  private closing(caller: PersonCaller, transport: Transport, close: () => void): () => void {
    const leave = this.limits.add(caller, transport);
    return () => {
      leave();
      close();
    };
  }

  private closeAll(): void {
    for (const connection of this.all) connection.stop();
  }
}
