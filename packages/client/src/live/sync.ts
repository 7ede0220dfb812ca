import { isTemporary } from '../errors.js';
import type { CallOptions } from '../http.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type { Changes } from '../types.js';
import type { ChangeListener, ChangeSource, Connection } from './change-source.js';
import type { Loader } from './loader.js';
import type { OpenThread } from './open-thread.js';
import type { ServerState } from './server-state.js';
import { Signals } from './signals.js';

export interface SyncOptions {
  realtime: RealtimeRoutes;
  /** Resolves to where changes come from, once it is known who the person is and which pages they have. */
  open: (listener: ChangeListener) => Promise<ChangeSource>;
  state: ServerState;
  loader: Loader;
  /** Something in the state or the connection is another. */
  onChange: () => void;
  call: CallOptions;
}

/** A frame brings the messages of so many threads. */
const MAX_SHOWN = 20;

/** Keeps the state up to date: applies what the source brings, and loads again what a frame does not contain. */
export class Sync {
  connection: Connection = 'idle';
  readonly signals: Signals;
  #source?: ChangeSource;
  #starting?: Promise<void>;
  /** Threads whose messages are shown, the last one first. */
  #shown: string[] = [];

  constructor(private readonly options: SyncOptions) {
    this.signals = new Signals(options.onChange, (frame) => this.#source?.send(frame));
  }

  /** Takes a cursor first: what is loaded after it is kept up to date from it. */
  start = (): Promise<void> => {
    this.#starting ??= this.#begin();
    return this.#starting;
  };

  stop = (): void => {
    this.signals.stop();
    this.#source?.stop();
  };

  /** The messages of a thread are shown from now on. */
  show(opened: OpenThread): void {
    if (this.#shown.includes(opened.id)) return;
    this.#focus([opened.id, ...this.#shown]);
    if (opened.isStale || opened.status !== 'ready') void this.options.loader.history.load(opened);
  }

  hide(threadId: string): void {
    this.#focus(this.#shown.filter((id) => id !== threadId));
  }

  #focus(shown: string[]): void {
    this.#shown = shown;
    this.#source?.focus(shown.slice(0, MAX_SHOWN));
  }

  async #begin(): Promise<void> {
    const { realtime, open, onChange, call } = this.options;
    this.#setConnection('connecting');
    try {
      // Before the cursor is taken: whatever changes after it, the leader passes on.
      this.#source ??= await open({
        changed: this.#apply,
        connection: this.#setConnection,
        signal: this.signals.receive,
      });
      this.#focus(this.#shown);
      // What an earlier page has kept shows before the server responds.
      onChange();
      const { cursor } = await realtime.changes({}, call);
      this.signals.start();
      this.#source.start(cursor);
    } catch (error) {
      this.#starting = undefined;
      this.#setConnection(isTemporary(error) ? 'offline' : 'ended');
      throw error;
    }
  }

  #setConnection = (connection: Connection): void => {
    this.connection = connection;
    this.signals.connected(connection);
    this.options.onChange();
  };

  #apply = (changes: Changes, shown: ReadonlySet<string>): void => {
    const { state, loader, onChange } = this.options;
    if (changes.reset) return this.#reload();
    for (const { thread_id: id, sender_id: sender } of changes.messages) this.signals.endTyping(id, sender);
    for (const opened of state.apply(changes, shown)) this.#reloadMessages(opened);
    if (changes.reset_notifications) void loader.lists.feed();
    if (changes.preferences_changed && state.preferences) void loader.preferences();
    onChange();
  };

  /** Everything that was loaded may be another. It stays until it is loaded again. */
  #reload(): void {
    const { loader, state } = this.options;
    void loader.lists.threads(false);
    void loader.lists.threads(true);
    void loader.lists.feed();
    if (state.counts) void loader.counts();
    if (state.preferences) void loader.preferences();
    for (const opened of state.opened.values()) this.#reloadMessages(opened);
  }

  #reloadMessages(opened: OpenThread): void {
    opened.isStale = true;
    if (this.#shown.includes(opened.id)) void this.options.loader.history.load(opened);
  }
}
