import { describe, expect, it } from 'vitest';
import { createPeople } from '../messaging/crowd.js';
import { type Client, useApi } from '../support/api.js';
import { useNotificationsByEvents } from '../support/notify-by-events.js';
import { useNotifiedPair } from './notified-pair.js';

const api = useApi();

// Otherwise the transaction that sends would notify, and no claim of events would be measured.
useNotificationsByEvents(api);

const milliseconds = useNotifiedPair(api);

const median = (values: number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

const waitingOf = (organizationId: string, condition = 'true') =>
  api.database.query(`SELECT FROM outbox WHERE organization_id = $1 AND ${condition}`, [organizationId]);

describe('a notification comes within a second', { timeout: 120_000 }, () => {
  it('while people of another organization flood a group of a thousand', async () => {
    const organization = await api.build.organization();
    const crowd = await createPeople(api, organization, 999);
    const [one, ...others] = crowd;
    const participant_ids = others.map(({ id }) => id);
    const { body } = await one!.client.post('messages/threads', { participant_ids, subject: 'All' });
    const senders = crowd.slice(0, 3);
    const post = ({ client }: { client: Client }) =>
      client.post(`messages/threads/${body.id}/messages`, { content: 'to all' });
    // On a busy machine some are refused with 503, because handlers hold connections of the same organization.
    for (let round = 0; round < 20; round++) await Promise.all(senders.map(post));
    // More than a relay claims ahead, all due before those of the others.
    await api.database.query(
      `INSERT INTO outbox (organization_id, id, type, payload, run_at)
       SELECT organization_id, gen_random_uuid(), type, payload, now() - interval '1 minute'
       FROM outbox, generate_series(1, 100) WHERE organization_id = $1 AND type = 'message.sent'`,
      [organization.id],
    );
    const times: number[] = [];
    for (let time = 0; time < 7; time++) times.push(await milliseconds());
    expect((await waitingOf(organization.id)).length).toBeGreaterThan(1000);
    await api.database.query('DELETE FROM outbox WHERE organization_id = $1', [organization.id]);
    // Events in progress find nobody to notify, so that the end of the file does not wait for them.
    await api.database.query('DELETE FROM participants WHERE organization_id = $1', [organization.id]);
    expect(median(times)).toBeLessThan(1000);
  });

  it('while each event of another organization takes seconds', async () => {
    const ann = await api.build.member();
    const { organization } = ann;
    await api.database.query(`
      CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN new; END $$;
      CREATE TRIGGER dawdle BEFORE INSERT ON notifications FOR EACH ROW
      WHEN (new.organization_id = '${organization.id}') EXECUTE FUNCTION dawdle()`);
    const people = await createPeople(api, organization, 12);
    const asSlow = await api.as(ann);
    await Promise.all(people.map(({ id }) => asSlow.post('messages/threads', { recipient_id: id })));
    const asleep = () =>
      api.database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
      );
    // As many as one organization may have at work at once.
    await expect.poll(async () => (await asleep()).length, { timeout: 10_000, interval: 20 }).toBe(3);
    const times: number[] = [];
    for (let time = 0; time < 5; time++) times.push(await milliseconds());
    await api.database.query('DROP TRIGGER dawdle ON notifications; DROP FUNCTION dawdle()');
    expect(median(times)).toBeLessThan(1000);
    await expect.poll(() => waitingOf(organization.id), { timeout: 30_000 }).toEqual([]);
  });
});
