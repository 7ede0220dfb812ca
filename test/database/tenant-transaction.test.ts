import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Database, RelayPool, type Transaction } from '#database';
import { useApi } from '../support/api.js';

const api = useApi({ worker: 'off' });

const database = () => api.app.get(Database);

async function outboxOf(organizationId: string) {
  return api.database.query<{ type: string; payload: object }>(
    'SELECT type, payload FROM outbox WHERE organization_id = $1',
    [organizationId],
  );
}

describe('tenantRead', () => {
  it('reads only the rows of its tenant', async () => {
    const [one, other] = [await api.build.organization(), await api.build.organization()];
    const rows = await database().tenantRead({ organizationId: one.id }, (tx) =>
      tx.query<{ id: string }>('SELECT id FROM organizations WHERE id = ANY ($1)', [[one.id, other.id]]),
    );
    expect(rows).toEqual([{ id: one.id }]);
  });

  it('refuses statements that are added later, and continues to serve', async () => {
    const { id: organizationId } = await api.build.organization();
    const count = (tx: Transaction) => tx.query('SELECT FROM organizations');
    const late = database().tenantRead({ organizationId }, async (tx) => [await count(tx), await count(tx)]);
    await expect(late).rejects.toThrow('after the end of its transaction');
    await expect(database().tenantRead({ organizationId }, (tx) => tx.query('SELECT 1 / 0'))).rejects.toThrow(
      'division by zero',
    );
    expect(await database().tenantRead({ organizationId }, count)).toHaveLength(1);
  });
});

describe('tenantTransaction', () => {
  it('commits events with the change, or neither', async () => {
    const organization = await api.build.organization();
    const rename = (name: string, fail: boolean) =>
      database().tenantTransaction({ organizationId: organization.id }, async (tx) => {
        await tx.query('UPDATE organizations SET name = $1', [name]);
        tx.record('member.joined', { user_id: organization.id });
        if (fail) throw new Error('on purpose');
      });
    await expect(rename('lost', true)).rejects.toThrow('on purpose');
    expect(await outboxOf(organization.id)).toEqual([]);
    await rename('kept', false);
    expect(await outboxOf(organization.id)).toEqual([
      { type: 'member.joined', payload: { user_id: organization.id } },
    ]);
    expect((await api.platform().get(`organizations/${organization.id}`)).body.name).toBe('kept');
  });

  it('records several events of one transaction', async () => {
    const { id: organizationId } = await api.build.organization();
    await database().tenantTransaction({ organizationId }, async (tx) => {
      tx.record('member.joined', { user_id: organizationId });
      tx.record('member.removed', { user_id: organizationId });
    });
    expect((await outboxOf(organizationId)).map(({ type }) => type).toSorted()).toEqual([
      'member.joined',
      'member.removed',
    ]);
  });

  it('repeats the whole work after a deadlock', async () => {
    const [one, other] = [await api.build.organization(), await api.build.organization()];
    let runs = 0;
    const meet = gate(2);
    // Two rows of one tenant, locked crosswise: PostgreSQL ends one of the two after a second.
    await api.platform(one).put('admin/roles/a', { permissions: [] });
    await api.platform(one).put('admin/roles/b', { permissions: [] });
    const lock = (first: string, second: string) =>
      database().tenantTransaction({ organizationId: one.id }, async (tx) => {
        runs++;
        await tx.query('UPDATE roles SET updated_at = now() WHERE name = $1', [first]);
        await meet();
        await tx.query('UPDATE roles SET updated_at = now() WHERE name = $1', [second]);
        return other.id;
      });
    expect(await Promise.all([lock('a', 'b'), lock('b', 'a')])).toEqual([other.id, other.id]);
    // Once more if the repeated one is back before the other one has woken up.
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  it('repeats the whole work after a serialization failure, at most four times', async () => {
    const { id: organizationId } = await api.build.organization();
    let runs = 0;
    const fail = (until: number) =>
      database().tenantTransaction({ organizationId }, async (tx) => {
        tx.record('member.joined', { user_id: organizationId });
        if (++runs < until)
          await tx.query(`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`);
      });
    await fail(3);
    expect(runs).toBe(3);
    expect(await outboxOf(organizationId)).toHaveLength(1);
    runs = 0;
    await expect(fail(100)).rejects.toThrow('again');
    expect(runs).toBe(4);
  });

  it('fails if the work has swallowed a database error', async () => {
    const { id: organizationId } = await api.build.organization();
    const swallow = database().tenantTransaction({ organizationId }, async (tx) => {
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    });
    await expect(swallow).rejects.toThrow('rolled back');
  });

  it('cancels a statement or a lock wait that takes too long', async () => {
    const { id: organizationId } = await api.build.organization();
    const settings = await database().tenantTransaction({ organizationId }, (tx) =>
      tx.query(
        `SELECT current_user AS role, current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
                current_setting('idle_in_transaction_session_timeout') AS idle`,
      ),
    );
    expect(settings).toEqual([{ role: 'tidings_request', statement: '5s', lock: '2s', idle: '10s' }]);
  });

  it('saves TypeORM entities in the same transaction', async () => {
    const { id: organizationId } = await api.build.organization();
    const save = database().tenantTransaction({ organizationId }, async (tx) => {
      await tx.repository('Role').save({ organization_id: organizationId, name: 'saved', permissions: [] });
      throw new Error('on purpose');
    });
    await expect(save).rejects.toThrow('on purpose');
    const roles = await api.database.query(`SELECT FROM roles WHERE name = 'saved'`);
    expect(roles).toEqual([]);
  });
});

describe('connections closed by PostgreSQL', () => {
  it('are replaced, and requests continue', async () => {
    const organization = await api.build.organization();
    for (let round = 0; round < 5; round++) {
      await api.database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tidings%'`,
      );
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => api.platform().get(`organizations/${organization.id}`)),
      );
      expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
      for (const { status, headers } of answers) if (status === 503) expect(headers['retry-after']).toBe('1');
    }
    await expect.poll(async () => (await api.anybody.get('/health/ready')).status).toBe(200);
    expect(await api.app.get(RelayPool).query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('never end the process, at whatever moment', async () => {
    const organization = await api.build.organization();
    const end = Date.now() + 3000;
    const statuses = new Set<number>();
    const ask = async () => {
      while (Date.now() < end) statuses.add((await api.platform(organization).get('members')).status);
    };
    const terminate = async () => {
      while (Date.now() < end) {
        await api.database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'tidings'`,
        );
        await delay(15);
      }
    };
    await Promise.all([...Array.from({ length: 24 }, ask), terminate()]);
    expect([...statuses].filter((status) => ![200, 503].includes(status))).toEqual([]);
    await expect.poll(async () => (await api.anybody.get('/health/ready')).status).toBe(200);
  });

  it('roll back a transaction in progress, which gets 503', async () => {
    const { id: organizationId } = await api.build.organization();
    const cut = database().tenantTransaction({ organizationId }, async (tx) => {
      await tx.query(`UPDATE organizations SET name = 'cut'`);
      const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await api.database.query('SELECT pg_terminate_backend($1)', [pid]);
      await tx.query('SELECT 1');
    });
    await expect(cut).rejects.toThrow();
    expect((await api.platform().get(`organizations/${organizationId}`)).body.name).not.toBe('cut');
    expect(database().waiting).toBe(0);
  });
});

/** Lets everybody through once so many are there; whoever comes later passes. */
function gate(size: number): () => Promise<void> {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let there = 0;
  return () => {
    if (++there >= size) open();
    return opened;
  };
}
