import { beforeEach, describe, expect, it } from 'vitest';
import { Housekeeping } from '../../libs/background/housekeeping.js';
import { type Client, useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { explainAll, nodesOf, record } from '../support/plans.js';

const api = useApi();

let ann: TestMember;
let asAnn: Client;
let admin: Client;
let service: Client;

beforeEach(async () => {
  const { organization, admin: client } = await api.build.organizationWithAdmin();
  admin = client;
  ann = await api.build.member({ organization });
  asAnn = await api.as(ann);
  service = await api.build.service(organization, ['notifications:send']);
});

const clear = () => api.app.get(Housekeeping).clearNotifications();

/** Tells Ann something of this type, as if it had been so many days ago; its title. */
async function notify(type: string, daysAgo: number): Promise<string> {
  const title = `${type}, ${daysAgo} days ago`;
  await service.post('notifications', { to: { users: [ann.id] }, type, title, body: 'x' });
  await api.database.query(
    'UPDATE notifications SET created_at = now() - make_interval(days => $3) WHERE user_id = $1 AND title = $2',
    [ann.id, title, daysAgo],
  );
  return title;
}

const idOf = async (title: string): Promise<string> => {
  const { data } = (await asAnn.get('notifications?limit=100')).body;
  return data.find((one: { title: string }) => one.title === title).id;
};

const kept = async () =>
  (
    await api.database.query<{ title: string }>('SELECT title FROM notifications WHERE user_id = $1', [
      ann.id,
    ])
  ).map(({ title }) => title);

const type = (retention_days: number) => ({
  default_channels: { in_app: 'on' },
  mandatory_channels: [],
  aggregation_window_seconds: 0,
  retention_days,
});

describe('the retention of a notification', () => {
  it('follows its type, built in or of the organization', async () => {
    await admin.put('admin/notification-types/RECALL', type(5));
    const old = [await notify('RECALL', 6), await notify('SYSTEM', 91), await notify('APPOINTMENT', 366)];
    const young = [await notify('RECALL', 4), await notify('SYSTEM', 89), await notify('APPOINTMENT', 364)];
    expect((await kept()).toSorted()).toEqual([...old, ...young].toSorted());
    await clear();
    expect((await kept()).toSorted()).toEqual(young.toSorted());
  });

  it('follows a built-in type as the organization has changed it, and only there', async () => {
    await notify('BILLING', 20);
    const here = ann;
    ann = await api.build.member();
    service = await api.build.service(ann.organization, ['notifications:send']);
    const title = await notify('BILLING', 20);
    await admin.put('admin/notification-types/BILLING', type(10));
    await clear();
    expect(await kept()).toEqual([title]);
    ann = here;
    expect(await kept()).toEqual([]);
  });

  it('is that of SYSTEM if its type was deleted', async () => {
    await admin.put('admin/notification-types/RECALL', type(5));
    await admin.put('admin/notification-types/SYSTEM', type(30));
    await notify('RECALL', 31);
    const young = await notify('RECALL', 29);
    await admin.delete('admin/notification-types/RECALL');
    await clear();
    expect(await kept()).toEqual([young]);
  });

  it('is the same if it was read, archived, deleted, expired or never shown', async () => {
    const change = { read: 'read_at', archived: 'archived_at', deleted: 'deleted_at', gone: 'expires_at' };
    for (const column of [...Object.values(change), 'suppressed_at']) {
      for (const daysAgo of [91, 89]) {
        const title = await notify('SYSTEM', daysAgo);
        await api.database.query(
          `UPDATE notifications SET ${column} = now(), title = $3 WHERE user_id = $1 AND title = $2`,
          [ann.id, title, `${column} ${daysAgo}`],
        );
      }
    }
    await clear();
    expect((await kept()).toSorted()).toEqual(
      [...Object.values(change), 'suppressed_at'].map((column) => `${column} 89`).toSorted(),
    );
  });

  it('skips a locked notification and deletes it in the next run', async () => {
    const held = await notify('SYSTEM', 91);
    await notify('SYSTEM', 92);
    await api.database.query('BEGIN');
    await api.database.query('SELECT FROM notifications WHERE title = $1 FOR UPDATE', [held]);
    await clear();
    expect(await kept()).toEqual([held]);
    await api.database.query('COMMIT');
    await clear();
    expect(await kept()).toEqual([]);
  });

  it('ends when it expires, and it leaves the counts', async () => {
    await notify('SYSTEM', 1);
    const title = await notify('BILLING', 1);
    await api.database.query('UPDATE notifications SET expires_at = now() WHERE title = $1', [title]);
    const counted = () =>
      api.database.query('SELECT type, unread FROM unread_counts WHERE user_id = $1 ORDER BY type', [ann.id]);
    expect(await counted()).toMatchObject([{ type: 'BILLING' }, { type: 'SYSTEM' }]);
    await clear();
    expect(await counted()).toMatchObject([{ type: 'SYSTEM', unread: '1' }]);
    expect((await asAnn.get('notifications/unread-count')).body.by_type).toEqual({ SYSTEM: 1 });
    expect(await kept()).toHaveLength(2);
  });

  it('does not change how its owner reads it before that', async () => {
    const old = await idOf(await notify('SYSTEM', 91));
    const young = await idOf(await notify('SYSTEM', 1));
    await clear();
    expect((await asAnn.get(`notifications/${old}`)).status).toBe(404);
    expect((await asAnn.get('notifications')).body).toMatchObject({ data: [{ id: young }], unread_count: 1 });
  });
});

/** So many for each of five types, of which one in ten is a hundred days old. */
async function seed(count: number): Promise<void> {
  await api.database.query(
    `INSERT INTO feeds (organization_id, user_id, last_seq) VALUES ($1, $2, 1000000)`,
    [ann.organization.id, ann.id],
  );
  await api.database.query(
    `INSERT INTO notifications (organization_id, user_id, seq, id, source_id, type, title, body, priority,
                                decisions, created_at)
     SELECT $1, $2, number, gen_random_uuid(), gen_random_uuid(), 'KIND_' || number % 5, 'x', 'x', 'normal', '{}',
            now() - make_interval(days => CASE WHEN number % 10 < 1 THEN 100 ELSE 1 END)
     FROM generate_series(1, $3) AS number`,
    [ann.organization.id, ann.id, count],
  );
}

describe('housekeeping of notifications', () => {
  it('deletes in batches by index and reads no table sequentially', async () => {
    await seed(30_000);
    await api.database.query('VACUUM ANALYZE notifications');
    await explainAll(api);
    const { executed } = await record(clear);
    const nodes = executed.flatMap(({ plan }) => nodesOf(plan));
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    const indexes = nodes.map((node) => node['Index Name']);
    expect(indexes).toContain('notifications_created_at');
    const removals = executed.filter(({ sql }) => sql.startsWith('DELETE FROM notifications'));
    const sorted = removals
      .flatMap(({ plan }) => nodesOf(plan))
      .filter((node) => node['Node Type'] === 'Sort');
    expect(sorted).toEqual([]);
    expect(removals.length).toBeGreaterThanOrEqual(3);
    const searches = executed.filter(({ sql }) => sql.startsWith('WITH RECURSIVE oldest'));
    // Later ones pass the dead entries of what was removed before, for as long as anybody may see it. All are 30,000.
    for (const { plan } of searches) expect(plan['Shared Hit Blocks']).toBeLessThan(5000);
    expect(await kept()).toHaveLength(27_000);
  });

  it('continues with other organizations if it fails in one', async () => {
    const refuse = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF old.title = 'poison' THEN RAISE EXCEPTION 'no'; END IF; RETURN old; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON notifications FOR EACH ROW EXECUTE FUNCTION refuse()`;
    const people = [ann, await api.build.member()];
    await api.database.query(refuse);
    try {
      for (const poisoned of people) {
        for (ann of people) {
          service = await api.build.service(ann.organization, ['notifications:send']);
          await notify('SYSTEM', 91);
        }
        await api.database.query(`UPDATE notifications SET title = 'poison' WHERE user_id = $1`, [
          poisoned.id,
        ]);
        await clear();
        for (ann of people) expect(await kept()).toEqual(ann === poisoned ? ['poison'] : []);
        await api.database.query(`UPDATE notifications SET title = 'harmless'`);
      }
    } finally {
      await api.database.query('DROP TRIGGER refuse ON notifications; DROP FUNCTION refuse()');
    }
  });
});
