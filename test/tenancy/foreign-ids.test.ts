import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { type Client, useApi } from '../support/api.js';
import type { Answer } from '../support/http.js';
import { apiRoutes, exampleBody, fill, nameOf } from '../support/routes.js';

const api = useApi();

/** These make what they are given the name of, whatever other organizations have under it. */
const MAKES_ITS_OWN = [
  'PUT members/:person',
  'PUT admin/roles/:name',
  'PUT admin/notification-types/:type',
  'PUT organizations/:id',
];

let callers: Client[];
let foreignIds: string[];

/** So that whoever oversees is let in as far as to the id. */
const REASON = { 'X-Access-Reason': 'a test' };

beforeAll(async () => {
  const [home, abroad] = [await api.build.organization(), await api.build.organization()];
  const stranger = await api.build.member({ organization: abroad });
  const key = await api.build.key(abroad, ['audit:read']);
  await api.platform(abroad).put('admin/roles/secret', { permissions: [] });
  await api.platform(abroad).put('admin/notification-types/SECRET', { default_channels: {} });
  const other = await api.build.member({ organization: abroad });
  const asStranger = await api.as(stranger);
  const sent = await asStranger.post('messages/send', { recipient: other.id, content: 'abroad' });
  const { thread_id, message_id } = sent.body as { thread_id: string; message_id: string };
  const webhook = await api.platform(abroad).post('admin/webhooks', { url: 'https://abroad.example' });
  const names = [stranger.username, 'secret', 'SECRET'];
  foreignIds = [abroad.id, stranger.id, key.id, webhook.body.id, ...names, thread_id, message_id];
  const clients = [
    await api.as(await api.build.member({ organization: home })),
    await api.as(await api.build.member({ organization: home, role: 'admin' })),
    await api.build.service(home, ['*']),
  ];
  callers = clients.map((client) => client.with(REASON));
});

describe('every route with an id of another organization in its path', () => {
  it('answers exactly as for an id that does not exist', async () => {
    const withIds = apiRoutes(api.routes).filter(({ path }) => path.includes(':'));
    for (const route of withIds.filter((candidate) => !MAKES_ITS_OWN.includes(nameOf(candidate)))) {
      for (const client of callers) {
        const body = exampleBody(api.document, route);
        const ask = (id: string) => client.send(route.method, fill(route.path, id), body);
        const missing = comparable(await ask(uuid()));
        for (const id of foreignIds)
          expect({ route: nameOf(route), id, ...comparable(await ask(id)) }).toEqual({
            route: nameOf(route),
            id,
            ...missing,
          });
        expect([403, 404], nameOf(route)).toContain(missing.status);
      }
    }
  });
});

/** All of an answer but what differs for every request. */
function comparable({ status, body, headers }: Answer) {
  const { request_id: _id, ...rest } = (body ?? {}) as Record<string, unknown>;
  const { date: _date, 'x-request-id': _requestId, 'content-length': _length, ...kept } = headers;
  return { status, body: rest, headers: kept };
}
