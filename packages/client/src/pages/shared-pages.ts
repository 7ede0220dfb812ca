import type { ChangeListener, ChangeSource } from '../live/change-source.js';
import type { PageMessage, Pages, PagesListener } from '../live/pages.js';
import type { ServerState } from '../live/server-state.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type { FrameReceiverOptions } from './frame-receiver.js';
import { indexedDbStorage } from './indexed-db.js';
import { Kept, type TidingsStorage } from './kept.js';
import { SharedSource } from './shared-source.js';
import { StateCache } from './state-cache.js';
import { Tabs } from './tabs.js';

export interface SharedPagesOptions {
  /** Of the person. */
  name: string;
  /** Without one, that of the browser; null keeps nothing. */
  storage: TidingsStorage | null | undefined;
  follower: (listener: ChangeListener) => ChangeSource;
  realtime: RealtimeRoutes;
  listener: PagesListener;
  /** What is shown, if that is to be kept. */
  state: ServerState | undefined;
  waitAfter: FrameReceiverOptions['waitAfter'];
  signal: AbortSignal;
}

/** The pages of a person in a browser, and what is kept for later ones. */
export class SharedPages extends Kept implements Pages {
  readonly #tabs: Tabs;
  #shared?: SharedSource;
  readonly #cache?: StateCache;

  constructor(private readonly options: SharedPagesOptions) {
    super(options.storage === null ? undefined : (options.storage ?? indexedDbStorage()), options.name);
    if (options.state) this.#cache = new StateCache(options.state, this);
    this.#tabs = new Tabs({
      lead: () => {
        this.#shared?.lead();
        options.listener.lead();
      },
      yield: () => this.#shared?.yield(),
      receive: (message) => {
        this.#shared?.receive(message);
        options.listener.receive(message);
      },
    });
  }

  get isLeader(): boolean {
    return this.#tabs.isLeader;
  }

  post = (message: PageMessage): void => this.#tabs.post(message);
  open = (): void => this.#tabs.open(this.options.name);
  load = async (): Promise<void> => this.#cache?.load();
  touch = (): void => this.#cache?.touch();

  close = (): void => {
    this.#cache?.stop();
    this.#tabs.close();
  };

  source = (listener: ChangeListener): ChangeSource => {
    this.#shared = new SharedSource({
      ...this.options,
      tabs: this.#tabs,
      listener,
      onPage: this.options.listener.lead,
    });
    return this.#shared;
  };
}
