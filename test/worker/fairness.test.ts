import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventType } from '#events';
import { gather } from '../messaging/crowd.js';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

const api = useApi();

/** Two people of an organization of which nobody else sends anything. */
let bob: TestMember;
let asAnn: Client;
let asBob: Client;

beforeEach(async () => {
  bob = await api.build.member();
  [asAnn, asBob] = [
    await api.as(await api.build.member({ organization: bob.organization })),
    await api.as(bob),
  ];
  await milliseconds();
});

/** How long it takes until Bob is notified of a message. */
async function milliseconds(): Promise<number> {
  const count = async () => (await asBob.get('notifications/unread-count')).body.unread_count as number;
  const before = await count();
  const since = performance.now();
  await asAnn.post('messages/send', { recipient: bob.id, content: 'hello' });
  await expect.poll(count, { timeout: 60_000, interval: 10 }).toBe(before + 1);
  return performance.now() - since;
}

const median = (values: number[]) =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

const waitingOf = (organizationId: string, condition = 'true') =>
  api.database.query(`SELECT FROM outbox WHERE organization_id = $1 AND ${condition}`, [organizationId]);

describe('a notification comes within a second', { timeout: 120_000 }, () => {
  it('while people of another organization flood a group of a thousand', async () => {
    const organization = await api.build.organization();
    const crowd = await gather(api, organization, 999);
    const [one, ...others] = crowd;
    const participant_ids = others.map(({ id }) => id);
    const { body } = await one!.client.post('messages/threads', { participant_ids, subject: 'All' });
    const senders = crowd.slice(0, 3);
    const post = ({ client }: { client: Client }) =>
      client.post(`messages/threads/${body.id}/messages`, { content: 'to all' });
    for (let round = 0; round < 60; round++) {
      const answers = await Promise.all(senders.map(post));
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    }
    const times: number[] = [];
    for (let time = 0; time < 7; time++) times.push(await milliseconds());
    expect((await waitingOf(organization.id)).length).toBeGreaterThan(50);
    await api.database.query('DELETE FROM outbox WHERE organization_id = $1', [organization.id]);
    expect(median(times)).toBeLessThan(1000);
  });

  it('while each event of another organization takes seconds', async () => {
    const ann = await api.build.member();
    const { organization } = ann;
    await api.database.query(`
      CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN new; END $$;
      CREATE TRIGGER dawdle BEFORE INSERT ON notifications FOR EACH ROW
      WHEN (new.organization_id = '${organization.id}') EXECUTE FUNCTION dawdle()`);
    const people = await gather(api, organization, 12);
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

  beforeEach(async () => {
    await api.database.query('TRUNCATE slow; TRUNCATE gate; TRUNCATE slots');
    // What other tests have left to handle takes permits too.
    await expect.poll(() => api.database.query('SELECT FROM outbox'), { timeout: 50_000 }).toEqual([]);
  });

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
    const people = await gather(api, ann.organization, count);
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

  it('of one organization take three of six permits, so that others find one', async () => {
    const [one, two] = [await slowOrganization(12), await slowOrganization(12)];
    await openThreads(one);
    await milliseconds();
    // Nothing of the other organization has ended meanwhile.
    expect(await atWork()).toBe(3);
    await openThreads(two);
    await expect.poll(atWork, { timeout: 5000, interval: 5 }).toBe(6);
    expect(await openGate([one, two])).toEqual({ of_one: 3, of_all: 6, handled: 24 });
  });

  it('of several events together take a permit as well', async () => {
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
