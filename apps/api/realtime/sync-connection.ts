import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { Logger } from '@nestjs/common';
import type { PersonCaller } from '#identity';
import { Problem } from '#problem';
import type {
  SeenPerson,
  SignalConnection,
  SignalListener,
  SignalsService,
  Sync,
  SyncService,
} from '#realtime';
import { presentSync } from './changes.presenter.js';
import { parseClientFrame } from './client-frames.js';
import { Connection } from './connection.js';
import { presenceFrame, typingFrame } from './signal-frames.js';

/** So many frames may be sent before the client acknowledges one. Beyond, nothing is read for it. */
const MAX_UNACKNOWLEDGED = 16;
/** So much may be unsent. */
const MAX_UNSENT_BYTES = 256 * 1024;
const MAX_FRAMES_PER_SECOND = 10;
/** How often the loop looks whether the client has read. */
const PAUSE_MILLISECONDS = 20;
const WAIT_MILLISECONDS = 25_000;
const RETRY_MILLISECONDS = 1000;
/** Clients of a process that stops reconnect within this time, not all at once. */
const MAX_DRAIN_MILLISECONDS = 5000;

/**
 * A connection that gets the current state of what changed, by the protocol tidings.v2. Nothing is kept for a client
 * that reads slowly: once it has read, it gets the state of then.
 */
export class SyncConnection extends Connection implements SignalListener {
  private readonly closed = new AbortController();
  private refocus = new AbortController();
  private shown: string[] = [];
  private sent = 0;
  private acknowledged = 0;
  private frames = { second: 0, count: 0 };

  private readonly caller: PersonCaller;
  private readonly signals: SignalConnection;

  constructor(
    socket: WebSocket,
    { caller, expiresAt }: { caller: PersonCaller; expiresAt: Date },
    private readonly service: SyncService,
    signals: SignalsService,
    onClose: () => void,
  ) {
    super(socket, expiresAt, () => {
      this.closed.abort();
      this.signals.close();
      onClose();
    });
    this.caller = caller;
    this.signals = signals.open(caller, this);
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
    this.signals.detach();
    this.close('goingAway');
  }

  get isBehind(): boolean {
    return this.unsentBytes > MAX_UNSENT_BYTES;
  }

  showTyping(threadId: string, userId: string): void {
    this.send(typingFrame(threadId, userId));
  }

  showPresence(people: SeenPerson[]): void {
    this.send(presenceFrame(people));
  }

  /** A change of focus ends the wait, so that the next one is for its threads. */
  private next(cursor: string): Promise<Sync> {
    this.refocus = new AbortController();
    return this.service.since(this.caller, cursor, {
      shown: this.shown,
      milliseconds: WAIT_MILLISECONDS,
      signal: AbortSignal.any([this.closed.signal, this.refocus.signal]),
      idle: (wait) => wait(),
    });
  }

  private async untilRead(): Promise<void> {
    const mustWait = () => this.sent - this.acknowledged >= MAX_UNACKNOWLEDGED || this.isBehind;
    while (mustWait() && !this.closed.signal.aborted) {
      await delay(PAUSE_MILLISECONDS, undefined, { ref: false });
    }
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
    this.shown = frame.threads;
    this.refocus.abort();
    // What the client loads after this is followed without a gap.
    this.send(frame);
    this.signals.focus(frame.threads);
  }

  /** Acknowledgements of frames that were sent do not count: there are as many as frames. */
  private isTooFast(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (this.frames.second !== second) this.frames = { second, count: 0 };
    return ++this.frames.count > MAX_FRAMES_PER_SECOND;
  }
}

const isEmpty = (sync: Sync): boolean => !sync.reset && sync.counts === null;
