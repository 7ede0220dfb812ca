import type { StateFrame, TypeFrame } from '../generated/types.gen.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type { ChangeListener, ChangeSource, Connection } from '../live/change-source.js';
import type { PageMessage } from '../live/pages.js';
import { FrameReceiver, type FrameReceiverOptions } from './frame-receiver.js';
import type { Tabs } from './tabs.js';

export interface SharedSourceOptions {
  tabs: Tabs;
  realtime: RealtimeRoutes;
  /** Follows changes for all pages while this one leads. */
  follower: (listener: ChangeListener) => ChangeSource;
  listener: ChangeListener;
  /** Another page has come. */
  onPage: () => void;
  waitAfter: FrameReceiverOptions['waitAfter'];
  signal: AbortSignal;
}

/** A page asks the leader so often whether it is still there, and takes over after four asks without a response. */
const ASK_MILLISECONDS = 3000;
const MAX_ASKS = 4;
/** Browsers let hidden pages ask once a minute only. */
const FORGET_MILLISECONDS = 150_000;
const MAX_THREADS = 20;

/**
 * Follows changes with one connection for all pages of a person. The leader passes on each frame with the position before
 * it, so that a page that has missed some notices.
 */
export class SharedSource implements ChangeSource {
  readonly #id = String(Math.random());
  readonly #receiver: FrameReceiver;
  #threads: string[] = [];
  #connection: Connection = 'connecting';
  #timer?: ReturnType<typeof setInterval>;
  #asks = 0;

  // While this page leads:
  #follower?: ChangeSource;
  #position = '';
  readonly #others = new Map<string, { threads: string[]; at: number }>();
  /** Pages whose person is away. */
  readonly #away = new Set<string>();

  constructor(private readonly options: SharedSourceOptions) {
    this.#receiver = new FrameReceiver({ ...options, threads: () => this.#threads });
  }

  start(cursor: string): void {
    this.#receiver.cursor = cursor;
    if (this.#follower) void this.#receiver.catchUp();
    else if (this.options.tabs.isLeader) this.#follow(cursor);
    else this.#askRegularly();
  }

  focus(threads: string[]): void {
    this.#threads = threads;
    if (this.options.tabs.isLeader) this.#refocus();
    else this.#ask();
  }

  send(frame: TypeFrame | StateFrame): void {
    if (this.options.tabs.isLeader) this.#sendFor(this.#id, frame);
    else this.options.tabs.post({ type: 'send', id: this.#id, frame });
  }

  stop(): void {
    this.options.tabs.post({ type: 'left', id: this.#id });
    clearInterval(this.#timer);
    this.#follower?.stop();
  }

  /** This page leads from now on. */
  lead(): void {
    clearInterval(this.#timer);
    const { cursor } = this.#receiver;
    if (cursor !== undefined) this.#follow(cursor);
  }

  /** Another page leads from now on. */
  yield(): void {
    this.#follower?.stop();
    this.#follower = undefined;
    if (this.#receiver.cursor !== undefined) this.#askRegularly();
  }

  receive(message: PageMessage): void {
    if (this.options.tabs.isLeader) this.#serve(message);
    else if (message.type === 'frame') {
      const { from, changes, shown } = message;
      this.#receiver.receive(from, { changes, shown: new Set(shown) });
    } else if (message.type === 'leader') {
      this.#asks = 0;
      if (message.connection !== this.#connection) this.#setConnection(message.connection);
      this.#receiver.meet(message.cursor);
    } else if (message.type === 'connection') this.#setConnection(message.connection);
    else if (message.type === 'signal') this.options.listener.signal(message.signal);
  }

  #askRegularly(): void {
    clearInterval(this.#timer);
    this.#asks = 0;
    this.#timer = setInterval(() => {
      if (this.#asks >= MAX_ASKS) this.options.tabs.takeOver();
      else this.#ask();
    }, ASK_MILLISECONDS);
    this.#ask();
  }

  #ask(): void {
    const { cursor } = this.#receiver;
    if (cursor === undefined) return;
    this.#asks++;
    this.options.tabs.post({ type: 'page', id: this.#id, threads: this.#threads, cursor });
  }

  /** What another page wants of the leader. */
  #serve(message: PageMessage): void {
    if (message.type === 'left') {
      this.#others.delete(message.id);
      this.#refocus();
    } else if (message.type === 'send') this.#sendFor(message.id, message.frame);
    else if (message.type === 'page') {
      const known = this.#others.get(message.id);
      this.#others.set(message.id, { threads: message.threads, at: Date.now() });
      if (!known) this.options.onPage();
      if (this.#follower) this.#report();
      else this.#follow(message.cursor);
      if (known?.threads.join() !== message.threads.join()) this.#refocus();
    }
  }

  /** The person is away once they are away from all pages. */
  #sendFor(id: string, frame: TypeFrame | StateFrame): void {
    if (frame.type === 'presence') {
      if (frame.state === 'online') this.#away.delete(id);
      else this.#away.add(id);
      if (frame.state === 'away' && [this.#id, ...this.#others.keys()].some((page) => !this.#away.has(page)))
        return;
    }
    this.#follower?.send(frame);
  }

  #follow(cursor: string): void {
    this.#position = cursor;
    this.#follower = this.options.follower({
      changed: (changes, shown) => {
        this.options.tabs.post({ type: 'frame', from: this.#position, changes, shown: [...shown] });
        this.#position = changes.cursor;
        this.#receiver.take({ changes, shown });
      },
      connection: (connection) => {
        this.#setConnection(connection);
        this.options.tabs.post({ type: 'connection', connection });
      },
      signal: (signal) => {
        this.options.tabs.post({ type: 'signal', signal });
        this.options.listener.signal(signal);
      },
    });
    this.#refocus();
    this.#follower.start(cursor);
    this.#report();
  }

  #report(): void {
    this.options.tabs.post({ type: 'leader', cursor: this.#position, connection: this.#connection });
  }

  /** The messages are wanted of all threads that any page shows, and the presence of their people. */
  #refocus(): void {
    for (const [id, { at }] of this.#others) {
      if (at < Date.now() - FORGET_MILLISECONDS) this.#others.delete(id);
    }
    const all = [this.#threads, ...[...this.#others.values()].map(({ threads }) => threads)].flat();
    this.#follower?.focus([...new Set(all)].slice(0, MAX_THREADS));
  }

  #setConnection(state: Connection): void {
    this.#connection = state;
    this.options.listener.connection(state);
  }
}
