import type { CallOptions } from '../http.js';
import type { MessageRoutes } from '../routes/messages.js';
import type { NotificationRoutes } from '../routes/notifications.js';
import type { PreferenceRoutes } from '../routes/preferences.js';
import type { ThreadRoutes } from '../routes/threads.js';
import { HistoryLoader } from './history-loader.js';
import { ListLoader } from './list-loader.js';
import type { IsFresh, Loads } from './loads.js';
import { COUNTS, type LoadErrors, type ServerState } from './server-state.js';

export interface Routes {
  threads: ThreadRoutes;
  messages: MessageRoutes;
  notifications: NotificationRoutes;
  preferences: PreferenceRoutes;
}

/** Loads what is shown into the state. */
export class Loader {
  readonly lists: ListLoader;
  readonly history: HistoryLoader;

  constructor(
    private readonly routes: Routes,
    private readonly state: ServerState,
    private readonly loads: Loads,
    private readonly call: CallOptions,
  ) {
    this.lists = new ListLoader(routes, state, loads, call);
    this.history = new HistoryLoader(routes.threads, loads, call);
  }

  counts = (): Promise<void> =>
    this.#single('counts', async (isFresh) => {
      const [messages, notifications] = await Promise.all([
        this.routes.messages.unreadCount(this.call),
        this.routes.notifications.unreadCount(this.call),
      ]);
      if (!isFresh(COUNTS)) return;
      this.state.counts = {
        messages: messages.unread_count,
        notifications: notifications.unread_count,
        notifications_by_type: notifications.by_type,
      };
    });

  preferences = (): Promise<void> =>
    this.#single('preferences', async () => {
      const before = this.state.preferences;
      const preferences = await this.routes.preferences.get(this.call);
      if (this.state.preferences === before) this.state.preferences = preferences;
      // Of this and what a change returned meanwhile, nothing says which is newer.
      else void this.preferences();
    });

  #single(part: keyof LoadErrors, work: (isFresh: IsFresh) => Promise<void>): Promise<void> {
    const { errors } = this.state;
    const load = async (isFresh: IsFresh) => {
      await work(isFresh);
      delete errors[part];
    };
    return this.loads.repeat(part, load, (error) => void (errors[part] = error));
  }
}
