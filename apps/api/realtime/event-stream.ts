import type { ServerResponse } from 'node:http';
import type { Sync } from '#realtime';
import { CLOSED, onExpiry } from './connection.js';
import { type ServerFrame, drainFrame, helloFrame, syncFrame } from './frames.js';
import type { RealtimeMetrics } from './realtime-metrics.js';
import { MAX_UNSENT_BYTES, type SyncTransport } from './sync-follower.js';

export const EVENT_STREAM = 'text/event-stream';

/** Proxies close a connection on which nothing comes, and clients notice that one is broken. */
export const HEARTBEAT_MILLISECONDS = 20_000;

/**
 * How long nothing may be sent. Node waits for this time twice if data is left to write, so a client that does not read
 * is disconnected after a minute.
 */
const IDLE_MILLISECONDS = 30_000;

/** A response of server-sent events with the frames of tidings.v2, until the token of the person expires. */
export class EventStream implements SyncTransport {
  readonly transport = 'sse';
  private readonly ended = new AbortController();
  private readonly expiry: NodeJS.Timeout;
  private sent = 0;

  constructor(
    private readonly response: ServerResponse,
    expiresAt: Date,
    private readonly metrics: RealtimeMetrics,
    onClose: () => void,
  ) {
    response.socket?.setTimeout(IDLE_MILLISECONDS);
    response.on('error', () => response.destroy());
    this.expiry = onExpiry(expiresAt, () => this.close('expired'));
    response.once('close', () => {
      this.ended.abort();
      clearTimeout(this.expiry);
      onClose();
    });
  }

  get closed(): AbortSignal {
    return this.ended.signal;
  }

  get unsentBytes(): number {
    return this.response.writableLength;
  }

  get isBehind(): boolean {
    return this.unsentBytes > MAX_UNSENT_BYTES;
  }

  greet(cursor: string): void {
    this.send(helloFrame(cursor), `id: ${cursor}`);
  }

  deliver(sync: Sync): void {
    this.send(syncFrame(++this.sent, sync), `id: ${sync.cursor}`);
  }

  close(why: 'expired' | 'removed'): void {
    const [code, reason] = CLOSED[why];
    this.send({ type: 'end', code, reason });
    this.end();
  }

  /** The process stops: the client gets the time at which to reconnect. */
  stop(): void {
    const frame = drainFrame();
    this.send(frame, `retry: ${frame.in_ms}`);
    this.end();
  }

  /** A comment, which clients ignore. */
  beat(): void {
    if (this.unsentBytes === 0) this.write(':\n\n');
  }

  drop(): void {
    this.response.destroy();
  }

  private send(frame: ServerFrame, ...fields: string[]): void {
    if (!this.closed.aborted) this.metrics.framed(this.transport, frame.type);
    this.write([...fields, `data: ${JSON.stringify(frame)}`, '', ''].join('\n'));
  }

  private write(text: string): void {
    if (!this.closed.aborted) this.response.write(text);
  }

  private end(): void {
    this.ended.abort();
    this.response.end();
  }
}
