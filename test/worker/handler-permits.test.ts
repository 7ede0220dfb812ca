import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventType } from '#events';
import { createPeople } from '../messaging/crowd.js';
import { type Client, useApi } from '../support/api.js';
import { useNotificationsByEvents } from '../support/notify-by-events.js';
import { useNotifiedPair } from './notified-pair.js';

const api = useApi();

useNotificationsByEvents(api);

const milliseconds = useNotifiedPair(api);

const waitingOf = (organizationId: string, condition = 'true') =>
  api.database.query(`SELECT FROM outbox WHERE organization_id = $1 AND ${condition}`, [organizationId]);

describe('handlers', { timeout: 60_000 }, () => {
  /** Counts the handlers that are at work at once by the advisory locks that each of them holds. */
  const CLASS = 4;

  const atWork = async () =>
    (
      await api.database.query(
        `SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
         WHERE datname = current_database() AND locktype = 'advisory' AND classid = $1`,
        [CLASS],
      )
    ).length;

  /** Notifications of the organizations in slow are written once the gate is open. */
  beforeAll(() =>
    api.database.query(`
      CREATE TABLE slow (organization_id uuid); CREATE TABLE gate (is_open boolean);
      CREATE TABLE slots (organization_id uuid, own integer, total integer);
      CREATE FUNCTION wait_for_gate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = tidings AS $$
      DECLARE own integer := 0; total integer := 0;
      BEGIN
        IF NOT EXISTS (SELECT FROM slow WHERE organization_id = new.organization_id) THEN RETURN new; END IF;
        LOOP own := own + 1; EXIT WHEN pg_try_advisory_xact_lock(hashtext(new.organization_id::text), own); END LOOP;
        LOOP total := total + 1; EXIT WHEN pg_try_advisory_xact_lock(${CLASS}, total); END LOOP;
        INSERT INTO slots VALUES (new.organization_id, own, total);
        WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP;
        RETURN new;
      END $$;
      CREATE TRIGGER wait_for_gate BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION wait_for_gate()`),
  );

  beforeEach(() => api.database.query('TRUNCATE slow; TRUNCATE gate; TRUNCATE slots'));

  afterAll(() =>
    api.database.query(`
      DROP TRIGGER wait_for_gate ON notifications; DROP FUNCTION wait_for_gate();
      DROP TABLE slow; DROP TABLE gate; DROP TABLE slots`),
  );

  const send = (client: Client, { id }: { id: string }) =>
    client.post('messages/send', { recipient: id, content: 'hello' });

  /** Somebody of an organization with so many others, whose events are handled once the gate is open. */
  async function slowOrganization(count: number, { isOpen = false } = {}) {
    const ann = await api.build.member();
    const client = await api.as(ann);
    const people = await createPeople(api, ann.organization, count);
    if (isOpen) await send(client, people[0]!);
    const { id } = ann.organization;
    await expect.poll(() => waitingOf(id), { timeout: 5000 }).toEqual([]);
    await api.database.query('INSERT INTO slow VALUES ($1)', [id]);
    return { id, people, client };
  }
  type SlowOrganization = Awaited<ReturnType<typeof slowOrganization>>;

  /** What is claimed is handed to its handlers. */
  const claimed = ({ id }: SlowOrganization, type: EventType, count: number) =>
    expect
      .poll(async () => (await waitingOf(id, `attempts > 0 AND type = '${type}'`)).length, {
        timeout: 5000,
        interval: 5,
      })
      .toBe(count);

  async function openThreads(organization: SlowOrganization): Promise<void> {
    const { people, client } = organization;
    await Promise.all(people.map(({ id }) => client.post('messages/threads', { recipient_id: id })));
    await claimed(organization, 'thread.created', people.length);
  }

  /** Answers with how many handlers were at work at the most. */
  async function openGate(organizations: SlowOrganization[]) {
    await api.database.query('INSERT INTO gate VALUES (true)');
    for (const { id } of organizations)
      await expect.poll(() => waitingOf(id), { timeout: 30_000 }).toEqual([]);
    const [most] = await api.database.query(
      'SELECT max(own) AS of_one, max(total) AS of_all, count(*)::integer AS handled FROM slots',
    );
    return most;
  }

  it('of one organization hold at most three of six permits, so that others find one free', async () => {
    const [one, two, three] = [
      await slowOrganization(12),
      await slowOrganization(12),
      await slowOrganization(12),
    ];
    await openThreads(one);
    await milliseconds();
    // Two while others are there, and nothing of the other organization has ended meanwhile.
    expect(await atWork()).toBeLessThanOrEqual(3);
    await openThreads(two);
    await openThreads(three);
    await expect.poll(atWork, { timeout: 5000, interval: 5 }).toBe(6);
    const most = await openGate([one, two, three]);
    expect(most).toMatchObject({ of_all: 6, handled: 36 });
    expect(most!['of_one']).toBeLessThanOrEqual(3);
  });

  it('of event batches need a permit too', async () => {
    const organizations = await Promise.all(
      Array.from({ length: 8 }, () => slowOrganization(1, { isOpen: true })),
    );
    for (const organization of organizations) {
      await send(organization.client, organization.people[0]!);
      await claimed(organization, 'message.sent', 1);
    }
    await expect.poll(atWork, { timeout: 5000, interval: 5 }).toBe(6);
    expect(await openGate(organizations)).toMatchObject({ of_all: 6 });
  });
});
