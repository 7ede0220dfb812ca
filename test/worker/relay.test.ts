import { beforeEach, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';

const api = useApi();

let ann: TestMember;
let bob: TestMember;
let asAnn: Client;
let asBob: Client;

beforeEach(async () => {
  ann = await api.build.member();
  bob = await api.build.member({ organization: ann.organization });
  [asAnn, asBob] = [await api.as(ann), await api.as(bob)];
});

const send = () => asAnn.post('messages/send', { recipient: bob.id, content: 'hello' });
const outbox = () => api.database.query('SELECT attempts, last_error, run_at > now() AS waits FROM outbox');
const told = async () => (await asBob.get('notifications')).body.data.length as number;

/** Makes every notification fail in the database, as a bug or a full disk would, until it is taken away. */
async function breakNotifications(): Promise<() => Promise<unknown>> {
  await api.database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'secret words'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION refuse()`);
  return () => api.database.query('DROP TRIGGER refuse ON notifications; DROP FUNCTION refuse()');
}

describe('an event', () => {
  it('stays in the outbox with the SQLSTATE, quotes no values, and is retried if its handler fails', async () => {
    const mend = await breakNotifications();
    await send();
    await expect
      .poll(outbox, { timeout: 5000 })
      .toContainEqual({ attempts: 1, last_error: 'SQLSTATE P0001', waits: true });
    expect(await told()).toBe(0);
    await mend();
    await api.database.query('UPDATE outbox SET run_at = now()');
    await expect.poll(told, { timeout: 5000 }).toBe(1);
    await expect.poll(outbox).toEqual([]);
  });

  it('becomes a dead letter after twelve failures, which an admin can list and retry', async () => {
    const { organization } = ann;
    const admin = await api.as(await api.build.member({ organization, role: 'admin' }));
    const mend = await breakNotifications();
    await send();
    await expect.poll(outbox, { timeout: 5000 }).toContainEqual(expect.objectContaining({ waits: true }));
    await api.database.query('UPDATE outbox SET attempts = 11, run_at = now()');
    const letters = async () => (await admin.get('admin/dead-letters')).body.data as { id: string }[];
    await expect.poll(async () => (await letters()).length, { timeout: 5000 }).toBe(1);
    const [letter] = await letters();
    expect(letter).toMatchObject({
      type: 'message.sent',
      payload: { sender_id: ann.id },
      attempts: 12,
      last_error: 'SQLSTATE P0001',
    });
    await mend();
    const stranger = await api.as(await api.build.member({ role: 'admin' }));
    expect((await stranger.get('admin/dead-letters')).body.data).toEqual([]);
    expect((await stranger.post(`admin/dead-letters/${letter!.id}/retry`)).status).toBe(404);
    expect((await admin.post(`admin/dead-letters/${letter!.id}/retry`)).status).toBe(204);
    await expect.poll(told, { timeout: 5000 }).toBe(1);
    expect(await letters()).toEqual([]);
  });

  it('is claimed again once the lease of a dead worker has ended', async () => {
    await api.database.query(
      `INSERT INTO outbox (organization_id, id, type, payload, attempts, run_at)
       VALUES ($1, gen_random_uuid(), 'member.joined', $2, 3, now() - interval '1 second')`,
      [ann.organization.id, { user_id: ann.id }],
    );
    await expect.poll(outbox, { timeout: 5000 }).toEqual([]);
  });

  it('keeps its lease for as long as it is being handled', { timeout: 60_000 }, async () => {
    await api.database.query(`
      CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN new; END $$;
      CREATE TRIGGER dawdle BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION dawdle()`);
    const { organization } = ann;
    const people = await Promise.all(Array.from({ length: 18 }, () => api.build.member({ organization })));
    await Promise.all(people.map(({ id }) => asAnn.post('messages/threads', { recipient_id: id })));
    // What follows from those that are done is claimed with the next batch.
    const due = async () => {
      const rows = await api.database.query(
        `SELECT run_at > now() AS waits FROM outbox WHERE type = 'thread.created'`,
      );
      return rows.length === 0 ? 'done' : rows.filter(({ waits }) => !waits).length;
    };
    // What the first batch has not taken follows at once, and is not claimed before. It may have more than six.
    await expect.poll(due, { timeout: 15_000 }).toBe(0);
    const seen: (string | number)[] = [];
    await expect
      .poll(async () => seen.push(await due()) && seen.at(-1), { timeout: 30_000, interval: 50 })
      .toBe('done');
    await api.database.query('DROP TRIGGER dawdle ON notifications; DROP FUNCTION dawdle()');
    expect(seen.filter((count) => count !== 0 && count !== 'done')).toEqual([]);
  });

  it('has its effect once if it is handled several times', async () => {
    const { body } = await send();
    await expect.poll(told, { timeout: 5000 }).toBe(1);
    const payload = { message_id: body.message_id, thread_id: body.thread_id, seq: 1, sender_id: ann.id };
    for (let time = 0; time < 3; time++) {
      await api.database.query(
        `INSERT INTO outbox (organization_id, id, type, payload) VALUES ($1, gen_random_uuid(), 'message.sent', $2)`,
        [ann.organization.id, payload],
      );
    }
    await expect.poll(outbox, { timeout: 5000 }).toEqual([]);
    expect(await told()).toBe(1);
  });
});
