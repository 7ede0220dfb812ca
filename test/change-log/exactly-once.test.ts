import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { findChangesOfPerson, findPosition } from '#change-log';
import { Database, RelayPool } from '#database';
import { useApi } from '../support/api.js';

const api = useApi({ worker: 'off' });

const WRITERS = 8;
const TRANSACTIONS = 60;

/** As the superuser, with a connection of its own. */
async function connected(): Promise<Client> {
  const client = new Client({ connectionString: api.database.url, options: '-c search_path=tidings' });
  await client.connect();
  return client;
}

it('shows each committed change to a reader once, however transactions overlap', async () => {
  const { organization, id: userId } = await api.build.member();
  const person = { organizationId: organization.id, userId };
  const committed: number[] = [];
  let nextSeq = 1;
  const insert = (client: Client) => {
    const seq = nextSeq++;
    const written = client.query(
      `INSERT INTO changes (organization_id, kind, user_id, seq) VALUES ($1, 'notification', $2, $3)`,
      [organization.id, userId, seq],
    );
    return written.then(() => seq);
  };
  const write = async (): Promise<void> => {
    const client = await connected();
    for (let nth = 0; nth < TRANSACTIONS; nth++) {
      await client.query('BEGIN');
      const seqs = [await insert(client)];
      await client.query('SAVEPOINT before');
      const other = await insert(client);
      if (Math.random() < 0.5) await client.query('ROLLBACK TO before');
      else seqs.push(other);
      if (Math.random() < 0.3) await delay(Math.random() * 20);
      if (Math.random() < 0.2) await client.query('ROLLBACK');
      else {
        await client.query('COMMIT');
        committed.push(...seqs);
      }
    }
    await client.end();
  };

  const open = await connected();
  await open.query('BEGIN');
  let position = await findPosition(api.app.get(RelayPool));
  const held = await insert(open);
  const seen: number[] = [];
  const read = async (): Promise<void> => {
    const changes = await api.app
      .get(Database)
      .tenantRead(person, (tx) => findChangesOfPerson(tx, userId, position, { shown: [] }));
    seen.push(...changes.notifications);
    position = changes;
  };

  const reading = new AbortController();
  const writing = Promise.all(Array.from({ length: WRITERS }, write)).finally(() => reading.abort());
  while (!reading.signal.aborted) await read();
  await writing;
  await read();
  expect(seen.toSorted((a, b) => a - b)).toEqual(committed.toSorted((a, b) => a - b));

  await open.query('COMMIT');
  await open.end();
  await read();
  expect(seen.at(-1)).toBe(held);
  expect(seen).toHaveLength(committed.length + 1);
});

it('leaves out what another cluster wrote, whose numbers are ahead', async () => {
  const { organization, id: userId } = await api.build.member();
  const position = await findPosition(api.app.get(RelayPool));
  await api.database.query(
    `INSERT INTO changes (organization_id, xid, kind, user_id) VALUES ($1, '9000000000', 'preferences', $2)`,
    [organization.id, userId],
  );
  const changes = await api.app
    .get(Database)
    .tenantRead({ organizationId: organization.id, userId }, (tx) =>
      findChangesOfPerson(tx, userId, position, { shown: [] }),
    );
  expect(changes).toMatchObject({ isLost: false, preferences: false });
});

it('shows people their own rows and those of their threads, and nobody else the rest', async () => {
  const organization = await api.build.organization();
  const [ann, bob, eve] = await Promise.all([1, 2, 3].map(() => api.build.member({ organization })));
  await (await api.as(ann!)).post('messages/send', { recipient: bob!.id, content: 'hello' });
  await (await api.as(eve!)).patch('preferences', { types: { MESSAGE: { email: 'off' } } });
  const kindsFor = (userId?: string) =>
    api.database.asRequestRole({ organizationId: organization.id, userId }, async (query) =>
      (await query<{ kind: string }>('SELECT DISTINCT kind FROM changes ORDER BY 1')).map(({ kind }) => kind),
    );
  expect(await kindsFor(bob!.id)).toEqual(['message', 'thread']);
  expect(await kindsFor(eve!.id)).toEqual(['preferences']);
  expect(await kindsFor(randomUUID())).toEqual([]);
  expect(await kindsFor()).toEqual([]);
});

it('empties the partition of the next week, and no other', async () => {
  const { organization } = await api.build.member();
  const thisWeek = Math.floor(Date.now() / (7 * 86_400_000));
  for (let week = thisWeek - 3; week <= thisWeek; week++) {
    await api.database.query(
      `INSERT INTO changes (organization_id, slot, kind) VALUES ($1, $2, 'preferences')`,
      [organization.id, week % 4],
    );
  }
  const emptied = await api.app.get(RelayPool).query('SELECT empty_change_slot() AS emptied');
  expect(emptied).toEqual([{ emptied: true }]);
  const slots = await api.database.query<{ slot: number }>(
    `SELECT slot FROM changes WHERE organization_id = $1 AND kind = 'preferences' ORDER BY 1`,
    [organization.id],
  );
  const kept = [0, 1, 2, 3].filter((slot) => slot !== (thisWeek + 1) % 4);
  expect(slots.map(({ slot }) => slot)).toEqual(kept);
});
