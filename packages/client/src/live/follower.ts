import { backoff, retryAfterDelay, sleep, sleepUntilWake } from '../backoff.js';
import { TidingsError } from '../errors.js';
import type { ServerFrame, StateFrame, TypeFrame } from '../generated/types.gen.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type { Token } from '../token.js';
import type { Changes } from '../types.js';
import { onWake } from '../wake.js';
import type { ChangeListener, ChangeSource, Connection } from './change-source.js';
import { type Closed, LiveSocket, type SocketClass } from './socket.js';

export interface FollowerOptions {
  url: string;
  token: Token;
  realtime: RealtimeRoutes;
  /** Without one, changes are polled. */
  WebSocket: SocketClass | undefined;
  listener: ChangeListener;
}

const EXPIRED = 4401;
const REMOVED = 4403;

const POLL_SECONDS = 25;
/** While much changes, several changes come in one response, and requests stay below the rate limit. */
const GATHER_MILLISECONDS = 250;
/** Where sockets fail, the next one is tried after a minute, then after 2, 4, and so on up to this. */
const FIRST_PAUSE_MILLISECONDS = 60_000;
const MAX_PAUSE_MILLISECONDS = 600_000;
/** A connection that lasts so long was a good one. */
const STABLE_MILLISECONDS = 10_000;

/** Follows changes over a WebSocket, and by long polling where that fails. */
export class Follower implements ChangeSource {
  readonly #stopped = new AbortController();
  #cursor = '';
  #threads: string[] = [];
  #shown: ReadonlySet<string> = new Set();
  #socket?: LiveSocket;
  #poll?: AbortController;
  /** Attempts since the last good connection. */
  #attempt = 0;
  #pause = FIRST_PAUSE_MILLISECONDS;

  constructor(private readonly options: FollowerOptions) {}

  start(cursor: string): void {
    this.#cursor = cursor;
    void this.#run();
  }

  focus(threads: string[]): void {
    this.#threads = threads;
    this.#socket?.focus();
    // The request that waits now would return without the messages of these threads.
    this.#poll?.abort();
  }

  send(frame: TypeFrame | StateFrame): void {
    this.#socket?.send(frame);
  }

  stop(): void {
    this.#stopped.abort(new Error('stopped'));
    this.#socket?.close();
    this.#poll?.abort();
  }

  async #run(): Promise<void> {
    const stopWaking = onWake(() => this.#socket?.check());
    try {
      while (!this.#isStopped) await this.#next();
    } catch (error) {
      if (!this.#isStopped) throw error;
    } finally {
      stopWaking();
    }
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  /** One connection, or polling for a while, and what to wait for after it. */
  async #next(): Promise<void> {
    const { signal } = this.#stopped;
    if (this.#attempt === 0) this.#report('connecting');
    const begun = Date.now();
    const closed = await this.#connect();
    if (this.#isStopped) return;
    if (closed?.code === REMOVED) return this.#finish();
    if (closed && Date.now() - begun > STABLE_MILLISECONDS) this.#attempt = 0;
    if (closed?.drainMilliseconds !== undefined) return sleep(closed.drainMilliseconds, signal);
    if (!closed?.wasOpen && !(await this.#pollUntilFailure())) return;
    if (this.#isStopped) return;
    if (this.#attempt > 0) this.#report('offline');
    await sleepUntilWake(backoff(this.#attempt++), signal);
  }

  /** Resolves when the connection has ended; undefined if there can be none. */
  async #connect(): Promise<Closed | undefined> {
    const { url, token, WebSocket } = this.options;
    if (!WebSocket) return undefined;
    const asked = await token.get().catch(() => undefined);
    if (asked === undefined || this.#isStopped) return undefined;
    this.#shown = new Set();
    // The server refuses an empty list.
    const threads = this.#threads.length > 0 ? `&threads=${this.#threads.join()}` : '';
    const address = `${url.replace(/^http/, 'ws')}/api/v1/realtime?cursor=${this.#cursor}${threads}`;
    try {
      const receive = (frame: ServerFrame) => this.#receive(frame);
      this.#socket = new LiveSocket(WebSocket, address, asked, () => this.#threads, receive);
    } catch {
      // Browsers refuse what the policy of the page forbids.
      return undefined;
    }
    const closed = await this.#socket.closed;
    this.#socket = undefined;
    if (closed.wasOpen) this.#pause = FIRST_PAUSE_MILLISECONDS;
    if (closed.code === EXPIRED) await token.replace(asked).catch(() => undefined);
    return closed;
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'focus') this.#shown = new Set(frame.threads);
    if (frame.type === 'hello') this.#report('live');
    else if (frame.type === 'sync') this.#apply(frame, this.#shown);
    else if (frame.type !== 'drain') this.options.listener.signal(frame);
  }

  #apply(changes: Changes, shown: ReadonlySet<string>): void {
    this.options.listener.changed(changes, shown);
    this.#cursor = changes.cursor;
  }

  /** Polls until it is time to try a socket again. Returns whether that ended because a request failed. */
  async #pollUntilFailure(): Promise<boolean> {
    const end = this.options.WebSocket ? Date.now() + this.#pause : Number.POSITIVE_INFINITY;
    // The first request returns at once: it shows whether polling works.
    for (let wait = 0; Date.now() < end && !this.#isStopped; wait = POLL_SECONDS) {
      const threads = this.#threads;
      this.#poll = new AbortController();
      try {
        const query = { cursor: this.#cursor, wait, threads };
        const changes = await this.options.realtime.changes(query, {
          signal: this.#poll.signal,
          attempts: 1,
        });
        this.#attempt = 0;
        this.#report('polling');
        // Whoever changes the focus gets these changes again, with the messages.
        if (threads !== this.#threads) continue;
        this.#apply(changes, new Set(threads));
        await sleep(GATHER_MILLISECONDS, this.#stopped.signal);
      } catch (error) {
        if (this.#isStopped || this.#poll.signal.aborted) continue;
        if (await this.#isLasting(error)) return true;
      }
    }
    this.#pause = Math.min(2 * this.#pause, MAX_PAUSE_MILLISECONDS);
    return false;
  }

  /** Whether to wait before the next attempt. */
  async #isLasting(error: unknown): Promise<boolean> {
    if (!(error instanceof TidingsError)) return true;
    if (error.code === 'unauthenticated' || error.code === 'forbidden') {
      this.#finish();
      return false;
    }
    if (error.retryAfter !== undefined) {
      await sleep(retryAfterDelay(error.retryAfter), this.#stopped.signal);
      return false;
    }
    if (error.code === 'validation_failed') await this.#restart();
    return error.isTemporary;
  }

  /** The cursor is not one of this server. */
  async #restart(): Promise<void> {
    const changes = await this.options.realtime.changes({});
    this.#apply({ ...changes, reset: true }, new Set());
  }

  #finish(): void {
    this.stop();
    this.#report('ended');
  }

  #report(state: Connection): void {
    this.options.listener.connection(state);
  }
}
