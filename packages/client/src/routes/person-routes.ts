import type { Http } from '../http.js';
import { BlockRoutes } from './blocks.js';
import { MemberRoutes } from './members.js';
import { MessageRoutes } from './messages.js';
import { NotificationRoutes } from './notifications.js';
import { PreferenceRoutes } from './preferences.js';
import { RealtimeRoutes } from './realtime.js';
import { ThreadRoutes } from './threads.js';

/**
 * What a person may call.
 *
 * @example
 * const theo: PersonRoutes = server.as('theo');
 * await theo.messages.send({ recipient: 'nina', content: 'See you on Tuesday?' });
 */
export interface PersonRoutes {
  readonly threads: ThreadRoutes;
  readonly messages: MessageRoutes;
  readonly blocks: BlockRoutes;
  readonly notifications: NotificationRoutes;
  readonly preferences: PreferenceRoutes;
  readonly members: MemberRoutes;
  readonly realtime: RealtimeRoutes;
}

export const personRoutes = (http: Http): PersonRoutes => ({
  threads: new ThreadRoutes(http),
  messages: new MessageRoutes(http),
  blocks: new BlockRoutes(http),
  notifications: new NotificationRoutes(http),
  preferences: new PreferenceRoutes(http),
  members: new MemberRoutes(http),
  realtime: new RealtimeRoutes(http),
});
