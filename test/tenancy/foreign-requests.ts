import { expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { NOT_TENANT_TABLES } from '../../migrations/rls.js';
import type { Client, TestApi } from '../support/api.js';
import type { Answer } from '../support/http.js';
import { apiRoutes, exampleBody, fill, nameOf } from '../support/routes.js';
import { type FullOrganization, fillOrganization } from './full-organization.js';

/** These make what they are given the name of, whatever other organizations have under it. */
const MAKES_ITS_OWN = [
  'PUT members/:person',
  'PUT admin/roles/:name',
  'PUT admin/notification-types/:type',
  'PUT organizations/:id',
];

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** So that whoever oversees is let in as far as to the id. */
const REASON = { 'X-Access-Reason': 'a test' };

/** Reads come first, and deletions last, so that each request finds what it is about. */
const METHODS = ['GET', 'PUT', 'PATCH', 'POST', 'DELETE'];

/**
 * The requests of one organization beside another. They show and change nothing of the other one, although their people
 * are members there too, with the same rows: policies for people do not tell the two apart.
 */
export function itKeepsToItself(api: TestApi): void {
  it('answers to ids of another organization as to ids that do not exist, and changes nothing there', async () => {
    const abroad = await fillOrganization(api);
    const callers = await callersOf(api, await fillBeside(api, abroad, 'Hillside'));
    const before = await checksums(api, abroad);
    for (const route of routesOf(api).filter((one) => one.path.includes(':'))) {
      if (MAKES_ITS_OWN.includes(nameOf(route))) continue;
      const body = exampleBody(api.document, route);
      for (const client of callers) {
        const ask = (id: string) => client.send(route.method, fill(route.path, id), body);
        const missing = await expectAsMissing(ask, nameOf(route), [...abroad.ids, ...abroad.names]);
        expect([403, 404], nameOf(route)).toContain(missing.status);
      }
    }
    expect(await checksums(api, abroad)).toEqual(before);
  });

  it('answers the same where ids of another organization are in bodies and parameters', async () => {
    const abroad = await fillOrganization(api);
    const home = await fillBeside(api, abroad, 'Hillside');
    const before = await checksums(api, abroad);
    for (const client of await callersOf(api, home))
      for (const [method, path, body] of naming(home))
        await expectAsMissing(
          (id) => client.send(method, path(id), body?.(id)),
          `${method} ${path(':id')}`,
          abroad.ids,
        );
    expect(await checksums(api, abroad)).toEqual(before);
  });

  it('shows and changes nothing of another organization by what it does with rows of its own', async () => {
    const abroad = await fillOrganization(api);
    const before = await checksums(api, abroad);
    const home = await fillBeside(api, abroad);
    const callers = await callersOf(api, home);
    for (const [method, path, body] of ownRequests(api, home)) {
      for (const client of callers) {
        const { status, text } = await client.send(method, path, body);
        expect(status, `${method} ${path}`).toBeLessThan(500);
        const shown = abroad.ids.filter((id) => text.includes(id));
        expect({ method, path, shown }).toEqual({ method, path, shown: [] });
      }
    }
    expect(await checksums(api, abroad)).toEqual(before);
  });
}

const fillBeside = (api: TestApi, { owner, other, blocked }: FullOrganization, mark?: string) =>
  fillOrganization(api, { ownerId: owner.id, otherId: other.id, blockedId: blocked.id, mark });

/** An admin and a user, and a service with all permissions. */
async function callersOf(api: TestApi, { organization, owner, other }: FullOrganization): Promise<Client[]> {
  const service = await api.build.service(organization, ['*']);
  return [owner.client, other.client, service].map((client) => client.with(REASON));
}

const routesOf = (api: TestApi) =>
  apiRoutes(api.routes).toSorted((one, other) => METHODS.indexOf(one.method) - METHODS.indexOf(other.method));

async function expectAsMissing(
  ask: (id: string) => Promise<Answer>,
  route: string,
  ids: string[],
): Promise<Answer> {
  const unknown = uuid();
  const missing = await ask(unknown);
  for (const id of ids)
    expect({ route, id, ...comparable(await ask(id), id) }).toEqual({
      route,
      id,
      ...comparable(missing, unknown),
    });
  return missing;
}

/** All of an answer but what differs for every request: times, and ids, that which is asked for included. */
function comparable({ status, text, headers }: Answer, id: string) {
  const { date: _date, 'x-request-id': _requestId, 'content-length': _length, ...kept } = headers;
  return { status, text: text.replaceAll(id, 'id').replaceAll(UUID, 'id'), headers: kept };
}

type Naming = [method: string, path: (id: string) => string, body?: (id: string) => object];

/** Requests that name an id in another place than where a route has it in its path alone. */
const naming = ({ group, other }: FullOrganization): Naming[] => {
  const at = (path: string) => () => path;
  const participants = `messages/threads/${group}/participants`;
  return [
    ['PATCH', at(`admin/threads/${group}`), (owner) => ({ owner, subject: 'Both', reason: 'a test' })],
    ['POST', at('messages/send'), (recipient) => ({ recipient, content: 'Hello' })],
    ['POST', at('messages/threads'), (recipient_id) => ({ recipient_id })],
    ['POST', at('messages/threads'), (id) => ({ participant_ids: [other.id, id], subject: 'Both' })],
    ['POST', at(`messages/threads/${group}/messages`), (reply_to_id) => ({ content: 'Hello', reply_to_id })],
    ['POST', at(`messages/threads/${group}/read`), (up_to) => ({ up_to })],
    ['POST', at(participants), (user_id) => ({ user_id })],
    ['DELETE', (id) => `${participants}/${id}`],
    ['POST', at(`admin/threads/${group}/participants`), (user_id) => ({ user_id, reason: 'a test' })],
    ['DELETE', (id) => `admin/threads/${group}/participants/${id}`, () => ({ reason: 'a test' })],
    ['GET', (id) => `admin/threads?person=${id}`],
    ['POST', at('notifications/read-all'), (before) => ({ before })],
    [
      'POST',
      at('notifications'),
      (id) => ({ to: { users: [id] }, type: 'SYSTEM', title: 'One', body: 'Two' }),
    ],
    ['POST', at('dev/token'), (organization_id) => ({ username: other.username, organization_id })],
  ];
};

type Request = [method: string, path: string, body?: object];

/** Each route with each id of the organization's own rows; some take more than one id, or more than an id. */
function ownRequests(api: TestApi, home: FullOrganization): Request[] {
  const { group, other, stranger, blocked, endpoint } = home;
  const ids = [...home.ids, ...home.names];
  return [
    ...naming(home).flatMap(([method, path, body]) =>
      [other.id, ...ids].map((id): Request => [method, path(id), body?.(id)]),
    ),
    ['DELETE', `messages/threads/${group}/participants/${other.id}`],
    ['DELETE', `messages/threads/${group}`],
    ['DELETE', `messages/users/${blocked.id}/block`],
    ['PATCH', 'admin/preferences', { channels: { email: 'on' } }],
    ...routesOf(api).flatMap((route) => {
      const path = route.path.replace(':person', stranger.id);
      const body = exampleBody(api.document, route);
      const some = path.includes(':') ? ids : [''];
      return some.map((id): Request => [route.method, fill(path, id), body]);
    }),
    ['DELETE', `preferences/push-subscriptions?endpoint=${encodeURIComponent(endpoint)}`],
  ];
}

/** By tenant table, of its rows in this organization. */
async function checksums(
  { database }: TestApi,
  { organization }: FullOrganization,
): Promise<Record<string, string>> {
  const tables = await database.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'tidings'::regnamespace AND relkind IN ('r', 'p')
     AND NOT relispartition AND relname <> ALL ($1) ORDER BY 1`,
    [NOT_TENANT_TABLES],
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ count: number; sum: string }>(
      `SELECT count(*)::integer AS count, md5(string_agg(text, ' ' ORDER BY text)) AS sum
       FROM (SELECT row::text AS text FROM ${name} AS row WHERE ${name === 'organizations' ? 'id' : 'organization_id'} = $1) AS rows`,
      [organization.id],
    );
    expect(row!.count, `rows in ${name}`).toBeGreaterThan(0);
    sums[name] = row!.sum;
  }
  return sums;
}
