import { EventEmitter2 } from '@nestjs/event-emitter';
import { expect, it } from 'vitest';
import { OutboxSignal } from '#database';
import { useApi } from '../support/api.js';

const api = useApi();

const metric = async (name: string): Promise<number> => {
  const { text } = await api.anybody.get('/metrics');
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

const waiting = () => api.database.query('SELECT type, attempts FROM outbox');

it('leaves an event of a type that only a newer version knows, counts it, and handles it once it is known', async () => {
  const organization = await api.build.organization();
  const [ann, bob] = [await api.build.member({ organization }), await api.build.member({ organization })];
  await expect.poll(waiting).toEqual([]);
  await api.database.query(
    `INSERT INTO outbox (organization_id, id, type, payload, run_at)
     VALUES ($1, gen_random_uuid(), 'message.translated', '{"language": "nl"}', now() - interval '1 minute')`,
    [organization.id],
  );
  const [asAnn, asBob] = [await api.as(ann), await api.as(bob)];
  const told = async () => (await asBob.get('notifications/unread-count')).body.unread_count as number;
  // As many rounds as a minute has at the least.
  for (let round = 1; round <= 60; round++) {
    await asAnn.post('messages/send', { recipient: bob.id, content: 'hello' });
    await expect.poll(told, { timeout: 10_000, interval: 5 }).toBe(round);
  }
  await expect.poll(() => metric('outbox_events_unknown'), { timeout: 15_000 }).toBe(1);
  await expect.poll(waiting, { timeout: 5000 }).toEqual([{ type: 'message.translated', attempts: 0 }]);
  // Put off, so that it is in the way of none.
  await expect.poll(() => metric('outbox_events_due')).toBe(0);

  const payloads: unknown[] = [];
  api.app.get(EventEmitter2).on('message.translated', ({ payload }) => payloads.push(payload));
  await expect.poll(() => metric('outbox_events_unknown')).toBe(0);
  await api.database.query('UPDATE outbox SET run_at = now()');
  api.app.get(OutboxSignal).nudge();
  await expect.poll(waiting, { timeout: 5000 }).toEqual([]);
  expect(payloads).toEqual([{ language: 'nl' }]);
});

it('removes an event of a known type that has no handler', async () => {
  const member = await api.build.member();
  await api.database.query(
    `INSERT INTO outbox (organization_id, id, type, payload) VALUES ($1, gen_random_uuid(), 'member.joined', '{}')`,
    [member.organization.id],
  );
  await expect.poll(waiting, { timeout: 5000 }).toEqual([]);
});

it('shows how much is due, for how long, and how many dead letters there are', async () => {
  const { id } = await api.build.organization();
  await expect.poll(waiting).toEqual([]);
  await api.database.query(
    `INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at)
     SELECT $1, gen_random_uuid(), 'message.sent', '{}', 12, now() FROM generate_series(1, 3)`,
    [id],
  );
  // Of a type that the relay leaves.
  await api.database.query(
    `INSERT INTO outbox (organization_id, id, type, payload, run_at)
     SELECT $1, gen_random_uuid(), 'message.sent', '{}', 'infinity' FROM generate_series(1, 5)`,
    [id],
  );
  await api.database.query(`
    UPDATE outbox SET type = 'a.future', run_at = now() - interval '4 seconds'`);
  await expect.poll(() => metric('outbox_events_due')).toBe(5);
  expect(await metric('outbox_oldest_due_seconds')).toBeGreaterThanOrEqual(4);
  expect(await metric('dead_letters')).toBe(3);
  await api.database.query('DELETE FROM outbox');
});
