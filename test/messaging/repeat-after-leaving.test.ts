import { expect, it } from 'vitest';
import { person, startGroup } from '../support/people.js';
import { useApi } from '../support/api.js';

const api = useApi();

it('a send that is repeated after its sender left the group returns the stored message', async () => {
  const organization = await api.build.organization();
  const [ann, bob] = await Promise.all([person(api, organization), person(api, organization)]);
  const threadId = await startGroup(ann, [bob]);
  const message = { content: 'hello', client_token: 'once' };
  const sent = await bob.client.post(`messages/threads/${threadId}/messages`, message);
  await bob.client.delete(`messages/threads/${threadId}/participants/${bob.id}`);
  const again = await bob.client.post(`messages/threads/${threadId}/messages`, message);
  expect([sent.status, again.status, again.body.id]).toEqual([201, 201, sent.body.id]);
});
