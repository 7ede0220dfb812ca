import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { person, send } from '../support/people.js';

const api = useApi();

it('returns the statistics of the admin’s organization, and nothing of others', async () => {
  const { organization, admin } = await api.build.organizationWithAdmin();
  const elsewhere = await api.build.organizationWithAdmin();
  const [one, other] = [await person(api, organization), await person(api, organization)];
  await send(one, other, 'First');
  const { message_id } = await send(other, one, 'Second');
  const stats = async () => (await admin.get('admin/stats')).body;
  const ofNone = { waiting: 0, sent: 0, failed: 0, cancelled: 0, closed: 0 };
  await expect
    .poll(async () => (await stats()).last_24_hours, { timeout: 10_000 })
    .toEqual({ messages: 2, deliveries: ofNone });

  const longAgo = '01800000-0000-7000-8000-000000000001';
  await api.database.query('UPDATE messages SET id = $1 WHERE id = $2', [longAgo, message_id]);
  await api.platform(organization).delete(`members/${other.id}`);
  expect(await stats()).toEqual({
    members: 2,
    threads: 1,
    dead_letters: 0,
    last_24_hours: { messages: 1, deliveries: ofNone },
  });
  expect((await elsewhere.admin.get('admin/stats')).body).toEqual({
    members: 1,
    threads: 0,
    dead_letters: 0,
    last_24_hours: { messages: 0, deliveries: ofNone },
  });
});
