import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { PersonCaller } from '#identity';
import { Problem } from '#problem';
import type { Following, Sync, SyncService } from '#realtime';
import type { RealtimeMetrics, Transport } from './realtime-metrics.js';

/** So much may be unsent. Beyond, nothing is read for a client. */
export const MAX_UNSENT_BYTES = 256 * 1024;
/** How often the loop looks whether the client has read. */
const PAUSE_MILLISECONDS = 20;
const WAIT_MILLISECONDS = 25_000;
const RETRY_MILLISECONDS = 1000;

/** A connection over which a client follows: a WebSocket or an event stream. */
export interface SyncTransport {
  readonly transport: Transport;
  /** Aborted once nothing more can be sent. */
  readonly closed: AbortSignal;
  /** The client has to read, or to acknowledge, before it gets more. */
  readonly isBehind: boolean;
  greet(cursor: string): void;
  deliver(sync: Sync): void;
  close(why: 'removed'): void;
}

/**
 * Sends a person the current state of what changes, until the connection is closed. Nothing is kept for a client that
 * reads slowly: once it has read, it gets the state of then.
 */
export class SyncFollower {
  private readonly following: Following = {};
  private refocus = new AbortController();

  constructor(
    private readonly service: SyncService,
    private readonly metrics: RealtimeMetrics,
    private readonly caller: PersonCaller,
    private readonly transport: SyncTransport,
    private shown: string[] = [],
  ) {}

  /** Without a cursor it begins now. */
  async follow(cursor?: string): Promise<void> {
    await this.sendChanges(cursor);
    this.service.endFollowing(this.following);
  }

  private async sendChanges(cursor?: string): Promise<void> {
    const { transport } = this;
    if (cursor !== undefined) this.metrics.connected(transport.transport, cursor);
    for (let next = cursor, isGreeted = false; !transport.closed.aborted;) {
      try {
        next ??= (await this.service.now()).cursor;
        if (!isGreeted) transport.greet(next);
        isGreeted = true;
        await this.untilRead();
        const { shown } = this;
        const sync = await this.next(next);
        if (transport.closed.aborted) return;
        // It lacks the messages of the threads that are in focus since.
        if (shown !== this.shown) continue;
        next = sync.cursor;
        if (isEmpty(sync)) continue;
        transport.deliver(sync);
        this.metrics.delivered(transport.transport, sync);
      } catch (error) {
        if (error instanceof Problem && error.code === 'forbidden') return transport.close('removed');
        new Logger('Realtime').warn(`Reading changes failed, retrying in a second: ${String(error)}`);
        await delay(RETRY_MILLISECONDS, undefined, { ref: false });
      }
    }
  }

  /** From now on, frames contain the messages of these threads. */
  focus(threads: string[]): void {
    this.shown = threads;
    this.refocus.abort();
  }

  /** A change of focus ends the wait, so that the next one is for its threads. */
  private next(cursor: string): Promise<Sync> {
    this.refocus = new AbortController();
    return this.service.since(this.caller, cursor, {
      shown: this.shown,
      milliseconds: WAIT_MILLISECONDS,
      signal: AbortSignal.any([this.transport.closed, this.refocus.signal]),
      idle: (wait) => wait(),
      following: this.following,
    });
  }

  private async untilRead(): Promise<void> {
    while (this.transport.isBehind && !this.transport.closed.aborted) {
      await delay(PAUSE_MILLISECONDS, undefined, { ref: false });
    }
  }
}

const isEmpty = (sync: Sync): boolean => !sync.reset && sync.counts === null;
