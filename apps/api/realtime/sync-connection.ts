import type { WebSocket } from 'ws';
import { isId, type PersonCaller } from '#identity';
import type { Sync, SyncService } from '#realtime';
import { Connection } from './connection.js';
import { MAX_SHOWN } from './follow.request.js';
import { type ClientFrame, type ServerFrame, drainFrame, helloFrame, syncFrame } from './frames.js';
import type { RealtimeMetrics } from './realtime-metrics.js';
import { MAX_UNSENT_BYTES, SyncFollower, type SyncTransport } from './sync-follower.js';

/** So many frames may be sent before the client acknowledges one. Beyond, nothing is read for it. */
const MAX_UNACKNOWLEDGED = 16;
const MAX_FRAMES_PER_SECOND = 10;

/** A WebSocket that gets the current state of what changed, by the protocol tidings.v2. */
export class SyncConnection extends Connection<ServerFrame> implements SyncTransport {
  readonly transport = 'websocket_v2';
  readonly closed: AbortSignal;
  private readonly caller: PersonCaller;
  private readonly follower: SyncFollower;
  private sent = 0;
  private acknowledged = 0;
  private frames = { second: 0, count: 0 };

  constructor(
    socket: WebSocket,
    { caller, expiresAt }: { caller: PersonCaller; expiresAt: Date },
    private readonly service: SyncService,
    metrics: RealtimeMetrics,
    onClose: () => void,
  ) {
    const closed = new AbortController();
    super(socket, expiresAt, metrics, () => {
      closed.abort();
      onClose();
    });
    this.closed = closed.signal;
    this.caller = caller;
    this.follower = new SyncFollower(service, metrics, caller, this);
    socket.on('message', (data: Buffer, isBinary: boolean) => this.receive(isBinary ? '' : data.toString()));
  }

  get isBehind(): boolean {
    return this.sent - this.acknowledged >= MAX_UNACKNOWLEDGED || this.unsentBytes > MAX_UNSENT_BYTES;
  }

  /** Follows from the cursor until the connection is closed. */
  follow(cursor?: string): Promise<void> {
    return this.follower.follow(cursor);
  }

  greet(cursor: string): void {
    this.send(helloFrame(cursor));
  }

  deliver(sync: Sync): void {
    this.send(syncFrame(++this.sent, sync), (error) => {
      if (!error) this.service.reached(this.caller, sync);
    });
  }

  /** The process stops: tells the client when to reconnect. */
  stop(): void {
    this.send(drainFrame());
    this.close('goingAway');
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
    this.follower.focus(frame.threads);
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
