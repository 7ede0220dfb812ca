import { type Http, path } from '../http.js';
import type { RealtimeRoutes } from '../routes/realtime.js';
import type { TidingsStorage } from '../pages/kept.js';
import type { Message } from '../types.js';
import { Actions } from './actions.js';
import type { ChangeListener, ChangeSource } from './change-source.js';
import { Loader, type Routes } from './loader.js';
import { Drafts } from './drafts.js';
import { Loads } from './loads.js';
import { messageKey } from './open-thread.js';
import { Optimistic } from './optimistic.js';
import { OwnChanges } from './own-changes.js';
import { SendQueue } from './send-queue.js';
import { ServerState } from './server-state.js';
import { Session } from './session.js';
import { Slices } from './slice.js';
import { Store } from './store.js';
import { Sync } from './sync.js';
import type { UnsentMessage } from './unsent-message.js';
import { Views } from './views.js';

export interface LiveOptions {
  http: Http;
  routes: Routes & { realtime: RealtimeRoutes };
  /** Follows changes. */
  follower: (listener: ChangeListener) => ChangeSource;
  /** Names the person on this server; undefined if nothing is to be kept or shared with other pages. */
  identify: () => Promise<string | undefined>;
  /** Without one, that of the browser; null keeps nothing. */
  storage: TidingsStorage | null | undefined;
  /** Whether what is shown is kept too. */
  keepsState: boolean;
}

export interface Live {
  store: Store;
  actions: Actions;
  /** Stops following and sending. What was loaded stays. */
  close: () => void;
  closed: AbortSignal;
  /** Also forgets what is kept, and closes the other pages' clients. */
  signOut: () => Promise<void>;
}

/** Puts the parts together: what the server sent, what the person does, and what is seen of both. */
export function createLive({ http, routes, keepsState, ...given }: LiveOptions): Live {
  const closed = new AbortController();
  const call = { signal: closed.signal };
  const slices = new Slices();
  const onChange = () => {
    slices.refresh();
    session.pages.touch();
  };
  const loads = new Loads({ started: () => sync.start(), onLoad: onChange, ...call });
  const state = new ServerState(loads);
  const loader = new Loader(routes, state, loads, call);
  const { realtime } = routes;
  const session: Session = new Session({
    ...given,
    realtime,
    state: keepsState ? state : undefined,
    onSignOut: () => close(),
    ...call,
  });
  const open = async (listener: ChangeListener) => {
    await session.open();
    return session.pages.source(listener);
  };
  const sync: Sync = new Sync({ realtime, open, state, loader, onChange, call });

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
  const onStored = (message: Message) => state.putMessage(message);
  const queue = session.join(new SendQueue({ send, onStored, session, onChange, ...call }));
  const drafts = session.join(new Drafts(session, onChange));
  const own = new OwnChanges();

  const close = () => {
    closed.abort(new Error('The client is closed.'));
    sync.stop();
    session.pages.close();
  };
  const signOut = async () => {
    await session.signOut();
    close();
  };
  const views = new Views(state, own, queue, drafts);
  const optimistic = new Optimistic(state, own, loads, onChange);
  return {
    store: new Store({ slices, views, state, loader, loads, sync }),
    actions: new Actions({ routes, queue, drafts, optimistic, state, loads, sync, call }),
    close,
    closed: closed.signal,
    signOut,
  };
}
