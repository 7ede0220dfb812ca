import { Http } from './http.js';
import type { Actions } from './live/actions.js';
import { createLive } from './live/create-live.js';
import { Follower } from './live/follower.js';
import type { SocketClass } from './live/socket.js';
import type { Store } from './live/store.js';
import type { TidingsStorage } from './pages/kept.js';
import { type PersonRoutes, personRoutes } from './routes/person-routes.js';
import { type GetToken, Token, personOf, withToken } from './token.js';

/**
 * What a client needs.
 *
 * @example
 * const options: TidingsOptions = { url: 'https://tidings.example', getToken: () => myToken };
 */
export interface TidingsOptions {
  /** Where Tidings is, without `/api`. */
  url: string;
  getToken: GetToken;
  /** For platforms without a global fetch, and tests. */
  fetch?: typeof globalThis.fetch;
  /** For platforms without a global WebSocket, and tests. null follows changes by long polling only. */
  WebSocket?: SocketClass | null;
  /**
   * What outlives the page: `outbox` keeps unsent messages and drafts, and is the default. `all` also keeps what is
   * shown, so that the next page shows it at once. Computers that several people use should not keep that.
   */
  persist?: 'none' | 'outbox' | 'all';
  /** Where that is kept, for platforms without IndexedDB. */
  storage?: TidingsStorage;
  /** Who is signed in, if you know it without a token. Then unsent messages and drafts are there while you are offline. */
  userId?: string;
}

/**
 * A client of one person.
 *
 * @example
 * const { data } = await tidings.threads.list();
 */
export interface Tidings extends PersonRoutes {
  /** Sends the requests. */
  readonly http: Http;
  /** What the person sees, kept up to date. */
  readonly store: Store;
  /** What the person does, which shows in the store at once. */
  readonly actions: Actions;
  /** Ends everything that the client does by itself. What is not sent yet is sent by the next client of the person. */
  close: () => void;
  /** Is aborted by `close` and `signOut`. */
  readonly closed: AbortSignal;
  /** Forgets everything that is kept of the person, and closes their clients in all pages. */
  signOut: () => Promise<void>;
}

/**
 * Creates the client of one person. Nothing is requested before something is asked of it.
 *
 * @example
 * const tidings = createTidings({
 *   url: 'https://tidings.example',
 *   getToken: async () => (await fetch('/tidings-token')).text(),
 * });
 */
export function createTidings({ url, getToken, ...given }: TidingsOptions): Tidings {
  const base = url.replace(/\/+$/, '');
  const token = new Token(getToken);
  const http = new Http(base, withToken(token), given.fetch);
  const routes = personRoutes(http);
  const WebSocket =
    given.WebSocket === undefined ? (globalThis.WebSocket as SocketClass | undefined) : given.WebSocket;
  const storage = given.persist === 'none' ? null : given.storage;
  const identify = async () => {
    if (!storage && !('document' in globalThis)) return undefined;
    const person = given.userId ?? personOf(await token.get());
    return person && `tidings ${base} ${person}`;
  };
  const live = createLive({
    http,
    routes,
    identify,
    storage,
    keepsState: given.persist === 'all',
    follower: (listener) =>
      new Follower({
        url: base,
        token,
        realtime: routes.realtime,
        WebSocket: WebSocket ?? undefined,
        listener,
      }),
  });
  return { ...routes, ...live, http };
}
