import type { TidingsError } from '../errors.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type { Changes } from '../types.js';
import type { ChangeListener } from '../live/change-source.js';

export interface Frame {
  changes: Changes;
  /** The threads whose messages it has. */
  shown: ReadonlySet<string>;
}

export interface FrameReceiverOptions {
  realtime: RealtimeRoutes;
  listener: ChangeListener;
  /** The threads whose messages are wanted now. */
  threads: () => string[];
  /** Waits before the next attempt. */
  waitAfter: (error: unknown, attempt: number, signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
}

/** Applies the frames that a leader passes on, without a gap. */
export class FrameReceiver {
  /** Up to where changes are applied; undefined before the page starts. */
  cursor?: string;
  /** Up to where the leader has passed on frames. */
  #position?: string;
  /** Frames that came while this page catches up. */
  #pending?: Frame[];
  #isBehind = false;

  constructor(private readonly options: FrameReceiverOptions) {}

  /** The leader is at this position. */
  meet(position: string): void {
    this.#advance(position, position);
  }

  /** The leader has passed on a frame that follows a position. What comes after a gap, the server is asked for. */
  receive(from: string, frame: Frame): void {
    if (this.#advance(from, frame.changes.cursor)) this.take(frame);
  }

  /** Applies a frame, after those before it. */
  take(frame: Frame): void {
    // The state that a request in flight returns may be older.
    if (this.#pending) this.#pending.push(frame);
    else this.#apply(frame);
  }

  /** Asks the server for what changed since the last applied frame. */
  async catchUp(): Promise<void> {
    const { waitAfter, signal } = this.options;
    this.#isBehind = true;
    if (this.#pending) {
      // The next response contains what came before.
      this.#pending = [];
      return;
    }
    this.#pending = [];
    for (let attempt = 0; this.#isBehind && !signal.aborted; attempt++) {
      this.#isBehind = false;
      try {
        await this.#ask();
      } catch (error) {
        this.#isBehind = true;
        await waitAfter(error, attempt, signal).catch(() => undefined);
      }
    }
    const frames = this.#pending;
    this.#pending = undefined;
    for (const frame of frames) this.#apply(frame);
  }

  #advance(from: string, to: string): boolean {
    const isInOrder = from === this.#position;
    this.#position = to;
    if (!isInOrder) void this.catchUp();
    return isInOrder;
  }

  #apply({ changes, shown }: Frame): void {
    if (this.cursor === undefined) return;
    this.cursor = changes.cursor;
    this.options.listener.changed(changes, shown);
  }

  async #ask(): Promise<void> {
    const { realtime, threads: threadsNow, signal } = this.options;
    const { cursor } = this;
    if (cursor === undefined) return;
    const threads = threadsNow();
    try {
      const changes = await realtime.changes({ cursor, threads }, { signal, attempts: 1 });
      this.#apply({ changes, shown: new Set(threads === threadsNow() ? threads : []) });
    } catch (error) {
      if ((error as Partial<TidingsError>).code !== 'validation_failed') throw error;
      // The cursor is not one of this server.
      const now = await realtime.changes({}, { signal });
      this.#apply({ changes: { ...now, reset: true }, shown: new Set() });
    }
  }
}
