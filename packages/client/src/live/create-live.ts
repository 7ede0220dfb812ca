import { type Http, path } from '../http.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type { Message } from '../types.js';
import { Actions } from './actions.js';
import type { ChangeListener, ChangeSource } from './change-source.js';
import { Loader, type Routes } from './loader.js';
import { Loads } from './loads.js';
import { messageKey } from './open-thread.js';
import { Optimistic } from './optimistic.js';
import { OwnChanges } from './own-changes.js';
import { MemoryQueue, type UnsentMessage } from './send-queue.js';
import { ServerState } from './server-state.js';
import { Slices } from './slice.js';
import { Store } from './store.js';
import { Sync } from './sync.js';
import { Views } from './views.js';

export interface LiveOptions {
  http: Http;
  routes: Routes & { realtime: RealtimeRoutes };
  /** Where changes come from. */
  source: (listener: ChangeListener) => ChangeSource;
}

export interface Live {
  store: Store;
  actions: Actions;
  /** Stops following and sending. What was loaded stays. */
  close: () => void;
}

/** Puts the parts together: what the server sent, what the person does, and what is seen of both. */
export function createLive({ http, routes, source }: LiveOptions): Live {
  const closed = new AbortController();
  const call = { signal: closed.signal };
  const slices = new Slices();
  const onChange = () => slices.refresh();
  const loads = new Loads({ started: () => sync.start(), onLoad: onChange, ...call });
  const state = new ServerState(loads);
  const loader = new Loader(routes, state, loads, call);
  const sync = new Sync({ realtime: routes.realtime, source, state, loader, onChange, call });

  const send = (message: UnsentMessage) =>
    loads.follow(async (isFresh) => {
      const { client_token, thread_id: threadId, content, subject, reply_to_id } = message;
      // The queue repeats it.
      const stored = await http.request<Message>('POST', path`messages/threads/${threadId}/messages`, {
        body: { client_token, content, subject, reply_to_id },
        attempts: 1,
        ...call,
      });
      if (isFresh(messageKey(threadId, stored.seq))) state.putMessage(stored);
      return stored;
    });
  const queue = new MemoryQueue({ send, onChange, ...call });
  const own = new OwnChanges();

  const close = () => {
    closed.abort(new Error('The client is closed.'));
    sync.stop();
  };
  return {
    store: new Store({ slices, views: new Views(state, own, queue), state, loader, loads, sync }),
    actions: new Actions(routes, queue, new Optimistic(state, own, loads, onChange), state, call),
    close,
  };
}
