import { beforeEach, describe, expect, it } from 'vitest';
import { createPeople } from '../messaging/crowd.js';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import { each } from '../support/each.js';
import { useNotificationsByEvents } from '../support/notify-by-events.js';
import { whileEventsWait } from '../support/waiting-events.js';

const api = useApi();

useNotificationsByEvents(api);

let organization: TestOrganization;
let [bob, carol]: TestMember[] = [];
let [asAnn, asBob, asCarol, asDan]: Client[] = [];

beforeEach(async () => {
  organization = await api.build.organization();
  const members = await Promise.all([1, 2, 3, 4].map(() => api.build.member({ organization })));
  [, bob, carol] = members;
  [asAnn, asBob, asCarol, asDan] = await Promise.all(members.map((member) => api.as(member)));
  await settled();
});

async function settled(): Promise<void> {
  const waiting = () => api.database.query('SELECT type FROM outbox');
  await expect.poll(waiting, { timeout: 20_000, interval: 10 }).toEqual([]);
}

const group = async (participants: string[]) =>
  (await asAnn!.post('messages/threads', { participant_ids: participants, subject: 'Us' })).body.id as string;

async function toldOf(client: Client): Promise<string[]> {
  const { body } = await client.get('notifications?type=MESSAGE&limit=100');
  expect(body.unread_count).toBe(body.data.length);
  return (body.data as { body: string }[]).map(({ body: text }) => text).toReversed();
}

/** How many transactions told what there is to be told in this organization. */
async function transactions(): Promise<number> {
  const [row] = await api.database.query<{ count: number }>(
    'SELECT count(DISTINCT xmin::text)::integer AS count FROM notifications WHERE organization_id = $1',
    [organization.id],
  );
  return row!.count;
}

describe('message.sent events that are due together', { timeout: 60_000 }, () => {
  it('are handled in a few transactions, and notify of each message once, in the order of sending', async () => {
    const sent = { bob: [] as string[], carol: [] as string[] };
    await whileEventsWait(api, async () => {
      const thread_id = await group([bob!.id, carol!.id]);
      const direct = async (sender: Client, to: TestMember, content: string) =>
        expect((await sender.post('messages/send', { recipient: to.id, content })).status).toBe(201);
      for (let round = 0; round < 12; round++) {
        const texts = Array.from({ length: 5 }, (_, number) => `${round} ${number}`);
        await direct(asAnn!, bob!, texts[0]!);
        await direct(asDan!, carol!, texts[1]!);
        await asAnn!.post(`messages/threads/${thread_id}/messages`, { content: texts[2]! });
        await direct(asDan!, bob!, texts[3]!);
        await direct(asAnn!, carol!, texts[4]!);
        sent.bob.push(texts[0]!, texts[2]!, texts[3]!);
        sent.carol.push(texts[1]!, texts[2]!, texts[4]!);
      }
    });
    await settled();
    expect(await toldOf(asBob!)).toEqual(sent.bob);
    expect(await toldOf(asCarol!)).toEqual(sent.carol);
    expect(await transactions()).toBeLessThanOrEqual(4);
  });

  it('do not fail with one event of the batch, which fails with its own error and is retried', async () => {
    await api.database.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON notifications FOR EACH ROW WHEN (new.body = 'number 7')
      EXECUTE FUNCTION refuse()`);
    const numbers = Array.from({ length: 20 }, (_, number) => `number ${number}`);
    await whileEventsWait(api, async () => {
      for (const content of numbers) await asAnn!.post('messages/send', { recipient: bob!.id, content });
    });
    const left = () =>
      api.database.query(
        'SELECT type, attempts, last_error, run_at > now() AS waits FROM outbox ORDER BY type',
      );
    await expect
      .poll(left, { timeout: 10_000 })
      .toEqual([{ type: 'message.sent', attempts: 1, last_error: 'SQLSTATE P0001', waits: true }]);
    expect((await toldOf(asBob!)).toSorted()).toEqual(numbers.toSpliced(7, 1).toSorted());
    await api.database.query(`
      DROP TRIGGER refuse ON notifications; DROP FUNCTION refuse();
      UPDATE outbox SET run_at = now()`);
    await settled();
    expect((await toldOf(asBob!)).toSorted()).toEqual(numbers.toSorted());
  });

  it('are handled in one transaction each in large groups, so that none takes long', async () => {
    const crowd = await createPeople(api, organization, 300);
    const thread_id = await group(crowd.map(({ id }) => id));
    await settled();
    const before = await transactions();
    const contents = ['one', 'two', 'three'];
    await whileEventsWait(api, async () => {
      for (const content of contents)
        await asAnn!.post(`messages/threads/${thread_id}/messages`, { content });
    });
    await settled();
    expect((await transactions()) - before).toBe(3);
    const asked = crowd.filter((_, index) => index % 60 === 0);
    await each(asked, async ({ client }) => expect((await toldOf(client)).slice(-3)).toEqual(contents));
  });
});
