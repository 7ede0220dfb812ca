import { Http } from './http.js';
import { BlockRoutes } from './routes/blocks.js';
import { MemberRoutes } from './routes/members.js';
import { MessageRoutes } from './routes/messages.js';
import { NotificationRoutes } from './routes/notifications.js';
import { PreferenceRoutes } from './routes/preferences.js';
import { RealtimeRoutes } from './routes/realtime.js';
import { ThreadRoutes } from './routes/threads.js';
import { type GetToken, Token } from './token.js';

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
}

/**
 * A client of one person.
 *
 * @example
 * const { data } = await tidings.threads.list();
 */
export interface Tidings {
  readonly threads: ThreadRoutes;
  readonly messages: MessageRoutes;
  readonly blocks: BlockRoutes;
  readonly notifications: NotificationRoutes;
  readonly preferences: PreferenceRoutes;
  readonly members: MemberRoutes;
  readonly realtime: RealtimeRoutes;
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
export function createTidings({ url, getToken, fetch }: TidingsOptions): Tidings {
  const base = url.replace(/\/+$/, '');
  const http = new Http(base, new Token(getToken), fetch ?? ((...call) => globalThis.fetch(...call)));
  return {
    threads: new ThreadRoutes(http),
    messages: new MessageRoutes(http),
    blocks: new BlockRoutes(http),
    notifications: new NotificationRoutes(http),
    preferences: new PreferenceRoutes(http),
    members: new MemberRoutes(http),
    realtime: new RealtimeRoutes(http),
  };
}
