import { beforeEach, describe, expect, it } from 'vitest';
import { Housekeeping } from '../../libs/background/housekeeping.js';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { explainAll, nodesOf, record } from '../support/plans.js';

const api = useApi({ retentionDays: 100 });

let [ann, bob]: TestMember[] = [];
let [asAnn, asBob, admin]: Client[] = [];

beforeEach(async () => {
  const { organization, admin: client } = await api.build.organizationWithAdmin();
  admin = client;
  ann = await api.build.member({ organization });
  bob = await api.build.member({ organization });
  [asAnn, asBob] = [await api.as(ann), await api.as(bob)];
});

const clear = () => api.app.get(Housekeeping).clearOld();

const removed = async (table: string): Promise<number> => {
  const { text } = await api.anybody.get('/metrics');
  const line = new RegExp(`^housekeeping_removed_total\\{table="${table}"\\} (\\d+)$`, 'm').exec(text);
  return Number(line?.[1] ?? 0);
};

const organizationId = () => ann!.organization.id;

/** As if these rows had been there for so many days. */
const age = (table: string, column: string, days: number, condition = 'true') =>
  api.database.query(
    `UPDATE ${table} SET ${column} = now() - make_interval(days => $2) WHERE organization_id = $1 AND ${condition}`,
    [organizationId(), days],
  );

const count = async (table: string): Promise<number> => {
  const [row] = await api.database.query<{ count: string }>(
    `SELECT count(*) FROM ${table} WHERE organization_id = $1`,
    [organizationId()],
  );
  return Number(row!.count);
};

const addDeadLetters = (organization: string, number: number, daysAgo: number) =>
  api.database.query(
    `INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at, failed_at)
     SELECT $1, gen_random_uuid(), 'message.sent', '{}', 12, now(), now() - make_interval(days => $3)
     FROM generate_series(1, $2::integer)`,
    [organization, number, daysAgo],
  );

const sendTo = async (recipient: TestMember, content: string) =>
  (await asAnn!.post('messages/send', { recipient: recipient.id, content })).body as {
    message_id: string;
    thread_id: string;
  };

describe('what is kept for RETENTION_DAYS goes after that, and is counted', () => {
  it('dead letters', async () => {
    await addDeadLetters(organizationId(), 2, 101);
    await addDeadLetters(organizationId(), 1, 99);
    const before = await removed('dead_letters');
    await clear();
    expect(await count('dead_letters')).toBe(1);
    expect(await removed('dead_letters')).toBe(before + 2);
  });

  it('notification requests that are finished, and not those that are under way', async () => {
    const service = await api.build.service(ann!.organization, ['notifications:send']);
    const notify = async (deliver_at?: string) =>
      (
        await service.post('notifications', {
          to: { users: [ann!.id] },
          type: 'SYSTEM',
          title: 'x',
          body: 'x',
          deliver_at,
        })
      ).body.id as string;
    const [old, young] = [await notify(), await notify()];
    const scheduled = await notify('2099-01-01T00:00:00Z');
    await age('notification_requests', 'finished_at', 101, `id = '${old}'`);
    await age('notification_requests', 'created_at', 200);
    await clear();
    const answers = await Promise.all(
      [old, young, scheduled].map((id) => service.get(`notifications/requests/${id}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 200, 200]);
  });

  it('earlier versions of messages, counted from the edit and not from when they were written', async () => {
    const { message_id } = await sendTo(bob!, 'first');
    await asAnn!.patch(`messages/${message_id}`, { content: 'second' });
    await age('message_versions', 'written_at', 1000);
    await clear();
    expect(await count('message_versions')).toBe(1);
    await asAnn!.patch(`messages/${message_id}`, { content: 'third' });
    await age('message_versions', 'replaced_at', 101, 'version = 1');
    await clear();
    const { body } = await asAnn!.get(`messages/${message_id}/versions`);
    expect(JSON.stringify(body)).toContain('second');
    expect(JSON.stringify(body)).not.toContain('first');
  });

  it('API keys that were revoked, and not those that work', async () => {
    const [gone, revoked, live] = await Promise.all(
      [1, 2, 3].map(() => api.build.key(ann!.organization, ['notifications:send'])),
    );
    for (const { id } of [gone!, revoked!])
      expect((await admin!.delete(`admin/api-keys/${id}`)).status).toBe(204);
    await age('api_keys', 'created_at', 500);
    await age('api_keys', 'revoked_at', 101, `id = '${gone!.id}'`);
    await clear();
    const rows = await api.database.query<{ id: string }>(
      'SELECT id FROM api_keys WHERE organization_id = $1',
      [organizationId()],
    );
    expect(rows.map(({ id }) => id).toSorted()).toEqual([revoked!.id, live!.id].toSorted());
  });
});

describe('what is remembered of reads on behalf of people', () => {
  it('goes after two hours, also where no service reads any more', async () => {
    const service = await api.build.service(ann!.organization, ['act_as']);
    const reading = service.with({ 'X-On-Behalf-Of': ann!.id });
    for (const path of ['me', 'messages/inbox']) expect((await reading.get(path)).status).toBe(200);
    await age('act_as_reads', 'noted_at', 1, `route = '/api/v1/me'`);
    const before = await removed('act_as_reads');
    await clear();
    const rows = await api.database.query<{ route: string }>(
      'SELECT route FROM act_as_reads WHERE organization_id = $1',
      [organizationId()],
    );
    expect(rows).toEqual([{ route: '/api/v1/messages/inbox' }]);
    expect(await removed('act_as_reads')).toBe(before + 1);
  });
});

describe('once an old read mark is removed', () => {
  it('a message is still read, at no time rather than at a wrong one, for its reader and its sender', async () => {
    const first = await sendTo(bob!, 'one');
    await asBob!.patch(`messages/${first.message_id}/read`);
    await age('read_marks', 'read_at', 101);
    const second = await sendTo(bob!, 'two');
    const { body } = await asBob!.patch(`messages/${second.message_id}/read`);
    await clear();
    expect(await count('read_marks')).toBe(1);

    const messages = async (client: Client) =>
      (await client.get(`messages/threads/${first.thread_id}`)).body.messages as object[];
    expect(await messages(asBob!)).toMatchObject([
      { content: 'one', is_read: true, read_at: null },
      { content: 'two', is_read: true, read_at: body.read_at },
    ]);
    expect(await messages(asAnn!)).toMatchObject([
      { is_read: true, read_at: null, receipts: [{ user_id: bob!.id, read_at: null }] },
      { is_read: true, read_at: body.read_at, receipts: [{ user_id: bob!.id, read_at: body.read_at }] },
    ]);
    expect((await asBob!.patch(`messages/${first.message_id}/read`)).body).toEqual({
      message_id: first.message_id,
      is_read: true,
      read_at: null,
    });
    expect((await asBob!.get('messages/unread-count')).body.unread_count).toBe(0);
  });

  it.each<[string, number[][]]>([
    ['at once', [[1, 2]]],
    ['one after the other', [[1], [2]]],
    ['one after the other, in another order than they were made', [[2], [1]]],
  ])('all other times stay exact: of two that are removed %s', async (_how, removals) => {
    const carol = await api.build.member({ organization: ann!.organization });
    const asCarol = await api.as(carol);
    const participant_ids = [bob!.id, carol.id];
    const { body: group } = await asAnn!.post('messages/threads', { participant_ids, subject: 'Us' });
    const direct = await sendTo(bob!, 'direct');
    const read = async (client: Client, id: string) =>
      (await client.patch(`messages/${id}/read`)).body.read_at as string;
    const readDirect = await read(asBob!, direct.message_id);
    const [times, ids]: [{ bob: string; carol: string }[], string[]] = [[], []];
    for (const content of ['one', 'two', 'three']) {
      const { body } = await asAnn!.post(`messages/threads/${group.id}/messages`, { content });
      times.push({ carol: await read(asCarol, body.id), bob: await read(asBob!, body.id) });
      ids.push(body.id as string);
    }

    for (const seqs of removals) {
      await age(
        'read_marks',
        'read_at',
        101,
        `thread_id = '${group.id}' AND user_id = '${bob!.id}' AND seq IN (${seqs.join()})`,
      );
      await clear();
    }

    const receipts = async (threadId: string) => {
      const { messages } = (await asAnn!.get(`messages/threads/${threadId}`)).body as {
        messages: { receipts: { user_id: string; read_at: string | null }[] }[];
      };
      return messages.map((message) =>
        Object.fromEntries(message.receipts.map(({ user_id, read_at }) => [user_id, read_at])),
      );
    };
    expect(await receipts(group.id as string)).toEqual([
      { [bob!.id]: null, [carol.id]: times[0]!.carol },
      { [bob!.id]: null, [carol.id]: times[1]!.carol },
      { [bob!.id]: times[2]!.bob, [carol.id]: times[2]!.carol },
    ]);
    expect(await receipts(direct.thread_id)).toEqual([{ [bob!.id]: readDirect }]);
    expect(await Promise.all(ids.map((id) => read(asBob!, id)))).toEqual([null, null, times[2]!.bob]);
  });

  it('nobody but the worker can remove one, nor what else is kept for a time', async () => {
    const { message_id } = await sendTo(bob!, 'one');
    await asAnn!.patch(`messages/${message_id}`, { content: 'two' });
    await asBob!.patch(`messages/${message_id}/read`);
    await api.build.key(ann!.organization, ['notifications:send']);
    for (const table of ['read_marks', 'message_versions', 'api_keys', 'notification_requests']) {
      for (const userId of [ann!.id, bob!.id, undefined]) {
        const rows = await api.database.asRequestRole({ organizationId: organizationId(), userId }, (query) =>
          query(`DELETE FROM ${table} RETURNING true`),
        );
        expect(rows).toEqual([]);
      }
    }
  });
});

describe('housekeeping', () => {
  it('lets organizations take turns, so that one with much to remove does not keep the others waiting', async () => {
    const others = await Promise.all([1, 2, 3].map(() => api.build.organization()));
    const all = [organizationId(), ...others.map(({ id }) => id)];
    const [first, ...rest] = (
      await api.database.query<{ id: string }>('SELECT id FROM organizations WHERE id = ANY ($1)', [all])
    ).map(({ id }) => id);
    await addDeadLetters(first!, 4500, 101);
    for (const id of rest) await addDeadLetters(id, 1, 101);
    await api.database.query(`
      CREATE TABLE removals (organization_id uuid, at timestamptz DEFAULT clock_timestamp());
      GRANT INSERT ON removals TO PUBLIC;
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO tidings.removals VALUES (old.organization_id); RETURN old; END $$;
      CREATE TRIGGER note BEFORE DELETE ON dead_letters FOR EACH ROW EXECUTE FUNCTION note()`);
    await clear();
    const order = await api.database.query<{ organization_id: string }>(
      'SELECT organization_id FROM removals GROUP BY organization_id ORDER BY max(at)',
    );
    await api.database.query('DROP TRIGGER note ON dead_letters; DROP FUNCTION note(); DROP TABLE removals');
    expect(order).toHaveLength(4);
    expect(order.at(-1)!.organization_id).toBe(first);
  });

  it('clears all idempotency keys of more than a day, also where they take several batches', async () => {
    const add = (number: number, hours: number) =>
      api.database.query(
        `INSERT INTO idempotency_keys (organization_id, principal, key, request_hash, created_at)
         SELECT $1, 'somebody', $3::integer || ' ' || number, '', now() - make_interval(hours => $3::integer)
         FROM generate_series(1, $2::integer) AS number`,
        [organizationId(), number, hours],
      );
    await add(5001, 25);
    await add(3, 23);
    await api.app.get(Housekeeping).clearIdempotencyKeys();
    expect(await count('idempotency_keys')).toBe(3);
  });

  it('finds what is old by index', async () => {
    const { message_id, thread_id } = await sendTo(bob!, 'one');
    await api.database.query(
      `INSERT INTO read_marks SELECT $1, $2, $3, number, now() - make_interval(days => (number % 150)::integer)
       FROM generate_series(1, 20000) AS number`,
      [organizationId(), thread_id, bob!.id],
    );
    await api.database.query(
      `INSERT INTO message_versions SELECT $1, $2, number, 'x', now(), now() - make_interval(days => number % 150)
       FROM generate_series(1, 20000) AS number`,
      [organizationId(), message_id],
    );
    await addDeadLetters(organizationId(), 20_000, 1);
    await api.database.query('VACUUM ANALYZE');
    await explainAll(api);
    const { executed } = await record(clear);
    const nodes = executed.flatMap(({ plan }) => nodesOf(plan));
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    for (const index of [
      'read_marks_read_at',
      'message_versions_replaced_at',
      'dead_letters_failed_at',
      'notification_requests_finished_at',
      'api_keys_revoked_at',
      'act_as_reads_noted_at',
    ])
      expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(await count('read_marks')).toBeLessThan(14_000);
  });
});
