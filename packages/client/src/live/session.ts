import { waitAfter } from '../http.js';
import type { TidingsStorage } from '../pages/kept.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type { ChangeListener, ChangeSource } from './change-source.js';
import { type PageMessage, type Pages, alone } from './pages.js';
import type { ServerState } from './server-state.js';

export interface SessionOptions {
  /** Names the person on this server; undefined if nothing is kept, or shared with other pages. */
  identify: () => Promise<string | undefined>;
  /** Without one, that of the browser; null keeps nothing. */
  storage: TidingsStorage | null | undefined;
  realtime: RealtimeRoutes;
  /** What is shown, if that is to be kept. */
  state: ServerState | undefined;
  follower: (listener: ChangeListener) => ChangeSource;
  /** The person signs out in another page. */
  onSignOut: () => void;
  signal: AbortSignal;
}

/** A part of the client that pages share, or of which something is kept. */
export interface SharedPart {
  /** Takes over what earlier pages have left. */
  load: () => Promise<void>;
  /** This page leads from now on, or another one has come, and earlier ones may have left something to do. */
  lead?: () => void;
  receive: (message: PageMessage) => void;
}

/** Who the person is, what is kept of them, and their other pages. */
export class Session {
  pages: Pages;
  /** Resolves once the person is known and what is kept of them is loaded. */
  readonly opened: Promise<void>;
  #setOpened!: () => void;
  #opening?: Promise<void>;
  readonly #parts: SharedPart[] = [];

  constructor(private readonly options: SessionOptions) {
    this.opened = new Promise((resolve) => (this.#setOpened = resolve));
    this.pages = alone(options.follower, this);
  }

  join<T extends SharedPart>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  /** May be repeated until it succeeds. */
  open = (): Promise<void> => {
    this.#opening ??= this.#begin();
    this.#opening.catch(() => (this.#opening = undefined));
    return this.#opening;
  };

  lead = (): void => this.#parts.forEach((part) => part.lead?.());

  receive = (message: PageMessage): void => {
    if (message.type === 'signed out') this.options.onSignOut();
    else for (const part of this.#parts) part.receive(message);
  };

  async signOut(): Promise<void> {
    this.pages.post({ type: 'signed out' });
    await this.pages.clear();
  }

  async #begin(): Promise<void> {
    const { identify, signal } = this.options;
    const name = await identify();
    if (name !== undefined) {
      // Only browsers load this, and platforms with a storage. It imports only types of the rest: so it stays one file.
      const { SharedPages } = await import('../pages/shared-pages.js');
      this.pages = new SharedPages({ ...this.options, name, listener: this, waitAfter });
    }
    await Promise.all([this.pages, ...this.#parts].map((part) => part.load()));
    if (signal.aborted) return;
    this.pages.open();
    this.#setOpened();
  }
}
