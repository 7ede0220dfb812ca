import type { TestApi } from '../support/api.js';
import { apiRoutes, exampleBody, nameOf } from '../support/routes.js';
import { ACCESS } from '../access/access-table.js';
import type { World } from './mirror.js';

export interface Request {
  /** The same in both worlds. */
  name: string;
  route: string;
  method: string;
  path: string;
  body?: object;
}

const them = ({ them: { id, username } }: World) => [id, username];

/** What there is to say to a route about them; for others the example of the document. */
const BODIES: Record<string, (world: World) => object[]> = {
  'POST messages/send': (world) => [
    ...them(world).map((recipient) => ({ recipient, content: 'Hello' })),
    { recipient: world.them.id, content: 'With a token', client_token: 'known' },
    { recipient: world.them.id, content: 'With a token', client_token: 'new' },
  ],
  'POST messages/threads': (world) => [
    ...them(world).map((recipient_id) => ({ recipient_id })),
    ...them(world).map((one) => ({ participant_ids: [one, 'other'], subject: 'New group' })),
  ],
  'POST messages/threads/:id/messages': ({ messages: { theirsInGroup, theirs } }) => [
    { content: 'Hello' },
    { content: 'An answer', reply_to_id: theirs },
    { content: 'An answer', reply_to_id: theirsInGroup },
  ],
  'POST messages/threads/:id/participants': (world) => them(world).map((user_id) => ({ user_id })),
  'POST messages/threads/:id/read': ({ messages: { theirsInGroup } }) => [{ up_to: theirsInGroup }, {}],
  'PATCH messages/:id/read': () => [{}],
  'PATCH messages/:id': () => [{ content: 'Changed' }],
  'PATCH messages/threads/:id': () => [{ archived: true }, { archived: false, subject: 'Changed' }],
  'PATCH me/visibility': () => [{ share_read_receipts: false }, { share_read_receipts: true }],
  'POST notifications': (world) => [
    { to: { users: [...them(world), 'other'] }, type: 'SYSTEM', title: 'News', body: 'For them' },
  ],
  'DELETE admin/messages/:id': () => [{ reason: 'A test' }],
  'PATCH admin/threads/:id': () => [{ subject: 'Changed', reason: 'A test' }],
  'POST admin/threads/:id/participants': (world) =>
    them(world).map((user_id) => ({ user_id, reason: 'A test' })),
};

const QUERIES: Record<string, string[]> = {
  'GET members': ['', '?query=them', '?role=therapist', '?limit=1'],
  'GET messages/inbox': ['', '?unread_only=true'],
  'GET messages/threads': ['', '?unread_only=true', '?limit=1'],
  'GET notifications': ['', '?grouped=true'],
  'GET admin/threads': ['', '?person=them'],
  'DELETE messages/:id': ['?scope=everyone', ''],
};

/** What I look at after all that I do. */
export const isGlance = ({ name }: Request): boolean => GLANCES.test(name);
const GLANCES =
  /^GET (members|messages\/(inbox|threads|unread-count|threads\/(direct|group|club|theirGroup))|notifications(\/unread-count)?)$/;

/**
 * Every request that I can make, of every route that lets me in: looking first, and last what takes away what the
 * others are about.
 */
export function everyRequest(api: TestApi, world: World, isAdmin: boolean): Request[] {
  const routes = apiRoutes(api.routes).filter((route) => {
    const allowed = ACCESS[nameOf(route)]!;
    return (
      allowed.includes('person') || (isAdmin && !allowed.some((one) => ['public', 'platform'].includes(one)))
    );
  });
  const requests = routes.flatMap((route) => {
    const bodies = BODIES[nameOf(route)]?.(world) ?? [exampleBody(api.document, route)];
    return pathsOf(route.path, world).flatMap(({ path, name }) =>
      (QUERIES[nameOf(route)] ?? ['']).flatMap((query) =>
        bodies.map((body, index): Request => {
          const named = `${route.method} ${name.replace('/api/v1/', '')}${query}`;
          const number = index === 0 ? '' : ` (${index + 1})`;
          return {
            name: named + number,
            route: nameOf(route),
            method: route.method,
            path: path + query,
            body,
          };
        }),
      ),
    );
  });
  return requests.toSorted((one, other) => rankOf(one) - rankOf(other));
}

function rankOf({ route, method }: Request): number {
  if (route.endsWith('/block')) return method === 'POST' ? 2 : 3;
  if (isMembership({ route, method })) return method === 'PUT' ? 5 : 6;
  return method === 'GET' ? 0 : method === 'DELETE' ? 4 : 1;
}

/** Puts or deletes a member, whom the path names by id only. */
const isMembership = ({ route, method }: Pick<Request, 'route' | 'method'>): boolean =>
  route.endsWith('members/:person') && method !== 'GET';

/** A path for everything that its parameters can stand for. */
function pathsOf(path: string, world: World): { path: string; name: string }[] {
  const [parameter] = /:\w+/.exec(path) ?? [];
  if (!parameter) return [{ path, name: path }];
  return valuesOf(path, parameter, world).flatMap(([name, value]) =>
    pathsOf(path.replace(parameter, value), world).map((one) => ({
      path: one.path,
      name: one.name.replace(value, name),
    })),
  );
}

function valuesOf(path: string, parameter: string, world: World): [name: string, value: string][] {
  const { id } = world.them;
  if (parameter === ':user_id') return [['them', id]];
  if (parameter === ':person')
    return [
      ['them', id],
      ['them by name', 'them'],
    ];
  if (parameter === ':name') return [['user', 'user']];
  const [, kind] = /(threads|messages|notifications)\/:id/.exec(path) ?? [];
  return Object.entries(world[(kind ?? 'messages') as 'threads']);
}
