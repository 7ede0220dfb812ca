import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { Logger } from '@nestjs/common';
import { isId, type PersonCaller } from '#identity';
import { Problem } from '#problem';
import type { Following, Sync, SyncService } from '#realtime';
import { presentSync } from './changes.presenter.js';
import { Connection } from './connection.js';

/** So many frames may be sent before the client acknowledges one. Beyond, nothing is read for it. */
const MAX_UNACKNOWLEDGED = 16;
/** So much may be unsent. */
const MAX_UNSENT_BYTES = 256 * 1024;
const MAX_FRAMES_PER_SECOND = 10;
const MAX_SHOWN = 20;
/** How often the loop looks whether the client has read. */
const PAUSE_MILLISECONDS = 20;
const WAIT_MILLISECONDS = 25_000;
const RETRY_MILLISECONDS = 1000;
/** Clients of a process that stops reconnect within this time, not all at once. */
const MAX_DRAIN_MILLISECONDS = 5000;

type ClientFrame = { type: 'focus'; threads: string[] } | { type: 'ack'; n: number };

/**
 * A connection that gets the current state of what changed, by the protocol tidings.v2. Nothing is kept for a client
 * that reads slowly: once it has read, it gets the state of then.
 */
export class SyncConnection extends Connection {
  readonly following: Following = {};
  private readonly closed = new AbortController();
  private refocus = new AbortController();
  private shown: string[] = [];
  private sent = 0;
  private acknowledged = 0;
  private frames = { second: 0, count: 0 };

  private readonly caller: PersonCaller;

  constructor(
    socket: WebSocket,
    { caller, expiresAt }: { caller: PersonCaller; expiresAt: Date },
    private readonly service: SyncService,
    onClose: () => void,
  ) {
    super(socket, expiresAt, () => {
      this.closed.abort();
      onClose();
    });
    this.caller = caller;
    socket.on('message', (data: Buffer, isBinary: boolean) => this.receive(isBinary ? '' : data.toString()));
  }

  /** Follows from the cursor until the connection is closed. */
  async follow(cursor: string): Promise<void> {
    this.send({ type: 'hello', cursor });
    for (let next = cursor; !this.closed.signal.aborted;) {
      try {
        await this.untilRead();
        const { shown } = this;
        const sync = await this.next(next);
        if (this.closed.signal.aborted) return;
        // It lacks the messages of the threads that are in focus since.
        if (shown !== this.shown) continue;
        next = sync.cursor;
        if (isEmpty(sync)) continue;
        this.send({ type: 'sync', n: ++this.sent, ...presentSync(sync) }, (error) => {
          if (!error) this.service.reached(this.caller, sync);
        });
      } catch (error) {
        if (error instanceof Problem && error.code === 'forbidden') return this.close('removed');
        new Logger('Realtime').warn(`Reading changes failed, retrying in a second: ${String(error)}`);
        await delay(RETRY_MILLISECONDS, undefined, { ref: false });
      }
    }
  }

  /** The process stops: tells the client when to reconnect. */
  stop(): void {
    this.send({ type: 'drain', in_ms: Math.floor(Math.random() * MAX_DRAIN_MILLISECONDS) });
    this.close('goingAway');
  }

  /** A change of focus ends the wait, so that the next one is for its threads. */
  private next(cursor: string): Promise<Sync> {
    this.refocus = new AbortController();
    return this.service.since(this.caller, cursor, {
      shown: this.shown,
      milliseconds: WAIT_MILLISECONDS,
      signal: AbortSignal.any([this.closed.signal, this.refocus.signal]),
      idle: (wait) => wait(),
      following: this.following,
    });
  }

  private async untilRead(): Promise<void> {
    const isBehind = () =>
      this.sent - this.acknowledged >= MAX_UNACKNOWLEDGED || this.unsentBytes > MAX_UNSENT_BYTES;
    while (isBehind() && !this.closed.signal.aborted) {
      await delay(PAUSE_MILLISECONDS, undefined, { ref: false });
    }
  }

  private receive(text: string): void {
    const frame = parse(text);
    if (!frame) return this.close('invalidFrame');
    if (frame.type === 'ack' && frame.n > this.acknowledged && frame.n <= this.sent) {
      this.acknowledged = frame.n;
      return;
    }
    if (this.isTooFast()) return this.close('tooManyFrames');
    if (frame.type === 'ack') return;
    this.shown = frame.threads;
    this.refocus.abort();
    // What the client loads after this is followed without a gap.
    this.send(frame);
  }

  /** Acknowledgements of frames that were sent do not count: there are as many as frames. */
  private isTooFast(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (this.frames.second !== second) this.frames = { second, count: 0 };
    return ++this.frames.count > MAX_FRAMES_PER_SECOND;
  }
}

const isEmpty = (sync: Sync): boolean => !sync.reset && sync.counts === null;

function parse(text: string): ClientFrame | undefined {
  try {
    const frame = JSON.parse(text) as Record<string, unknown>;
    const { type, threads, n } = frame;
    if (type === 'ack' && Number.isSafeInteger(n)) return { type, n: n as number };
    if (type !== 'focus' || !Array.isArray(threads) || threads.length > MAX_SHOWN) return undefined;
    return threads.every(isId) ? { type, threads: threads.map((id: string) => id.toLowerCase()) } : undefined;
  } catch {
    return undefined;
  }
}
