import type { WebSocket } from 'ws';
import type { PersonCaller } from '#identity';
import type {
  SeenPerson,
  SignalConnection,
  SignalListener,
  SignalsService,
  Sync,
  SyncService,
} from '#realtime';
import { parseClientFrame } from './client-frames.js';
import { Connection } from './connection.js';
import { type ServerFrame, drainFrame, helloFrame, presenceFrame, syncFrame, typingFrame } from './frames.js';
import type { RealtimeMetrics } from './realtime-metrics.js';
import { MAX_UNSENT_BYTES, SyncFollower, type SyncTransport } from './sync-follower.js';

/** So many frames may be sent before the client acknowledges one. Beyond, nothing is read for it. */
const MAX_UNACKNOWLEDGED = 16;
const MAX_FRAMES_PER_SECOND = 10;

/** A WebSocket that gets the current state of what changed, by the protocol tidings.v2. */
export class SyncConnection extends Connection<ServerFrame> implements SyncTransport, SignalListener {
  readonly transport = 'websocket_v2';
  readonly closed: AbortSignal;
  private readonly caller: PersonCaller;
  /** What the client shows when it connects. */
  private readonly shown: string[];
  private readonly follower: SyncFollower;
  private readonly signals: SignalConnection;
  private sent = 0;
  private acknowledged = 0;
  private frames = { second: 0, count: 0 };

  constructor(
    socket: WebSocket,
    { caller, expiresAt, shown }: { caller: PersonCaller; expiresAt: Date; shown: string[] },
    private readonly service: SyncService,
    signals: SignalsService,
    metrics: RealtimeMetrics,
    onClose: () => void,
  ) {
    const closed = new AbortController();
    super(socket, expiresAt, metrics, () => {
      closed.abort();
      this.signals.close();
      onClose();
    });
    this.closed = closed.signal;
    this.caller = caller;
    this.follower = new SyncFollower(service, metrics, caller, this, shown);
    this.signals = signals.open(caller, this);
    this.shown = shown;
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
    if (this.shown.length > 0) this.confirmFocus(this.shown);
  }

  deliver(sync: Sync): void {
    this.send(syncFrame(++this.sent, sync), (error) => {
      if (!error) this.service.reached(this.caller, sync);
    });
  }

  /** The process stops: the client gets the time at which to reconnect. */
  stop(): void {
    this.send(drainFrame());
    this.signals.detach();
    this.close('goingAway');
  }

  showTyping(threadId: string, userId: string): void {
    this.send(typingFrame(threadId, userId));
  }

  showPresence(people: SeenPerson[]): void {
    this.send(presenceFrame(people));
  }

  private receive(text: string): void {
    const frame = parseClientFrame(text);
    if (!frame) return this.close('invalidFrame');
    if (frame.type === 'ack' && frame.n > this.acknowledged && frame.n <= this.sent) {
      this.acknowledged = frame.n;
      return;
    }
    if (this.isTooFast()) return this.close('tooManyFrames');
    if (frame.type === 'ack') return;
    if (frame.type === 'typing') return void this.signals.type(frame.thread_id);
    if (frame.type === 'presence') return this.signals.setState(frame.state);
    this.follower.focus(frame.threads);
    this.confirmFocus(frame.threads);
  }

  /** What the client loads after this is followed without a gap. */
  private confirmFocus(threads: string[]): void {
    this.send({ type: 'focus', threads });
    this.signals.focus(threads);
  }

  /** Acknowledgements of frames that were sent do not count: there are as many as frames. */
  private isTooFast(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (this.frames.second !== second) this.frames = { second, count: 0 };
    return ++this.frames.count > MAX_FRAMES_PER_SECOND;
  }
}
