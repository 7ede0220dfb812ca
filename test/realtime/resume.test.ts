import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { connect } from './client.js';
import { useLive } from './live.js';

const api = useApi();
const live = useLive(api);

describe('a reconnected client', () => {
  const seqsFrom = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index);

  /** So many are in the feed of Bob. */
  async function fill(count: number): Promise<void> {
    for (let number = 1; number <= count; number++) await live.notify(`${number}`);
    await expect
      .poll(async () => (await live.asBob.get('notifications/unread-count')).body.unread_count)
      .toBe(count);
  }

  it('receives what came after its since, then new notifications', async () => {
    await fill(5);
    const connection = await live.connect(live.bob, { since: 2 });
    await connection.expectBodies(['3', '4', '5']);
    expect(connection.frames[0]).toEqual({ type: 'hello', last_seq: 5 });
    await live.notify('6');
    await connection.expectBodies(['3', '4', '5', '6']);
  });

  it('does not receive what was archived or deleted meanwhile', async () => {
    await fill(3);
    const { data } = (await live.asBob.get('notifications')).body as { data: { id: string }[] };
    await live.asBob.patch(`notifications/${data[0]!.id}`, { status: 'archived' });
    await live.asBob.delete(`notifications/${data[1]!.id}`);
    const connection = await live.connect(live.bob, { since: 0 });
    await live.notify('4');
    await connection.expectBodies(['1', '4']);
  });

  it('receives only new notifications without since', async () => {
    await fill(2);
    const connection = await live.connect(live.bob);
    await live.notify('3');
    await connection.expectBodies(['3']);
  });

  it('receives new notifications even with a since in the future', async () => {
    await fill(1);
    const connection = await live.connect(live.bob, { since: 999_999 });
    await live.notify('2');
    await connection.expectBodies(['2']);
  });

  it('receives several pages completely', async () => {
    await fill(130);
    const connection = await live.connect(live.bob, { since: 0 });
    await expect.poll(() => connection.notifications.map(({ seq }) => seq)).toEqual(seqsFrom(1, 130));
    await live.notify('131');
    await expect.poll(() => connection.notifications.at(-1)?.seq).toBe(131);
    expect(connection.frames.filter(({ type }) => type === 'gap')).toEqual([]);
  });

  it('receives a gap frame after 500 notifications, then new ones', async () => {
    await fill(1);
    // One by one would take as long again, so these rows are inserted as a fan-out leaves them.
    await api.database.query(
      `INSERT INTO tidings.notifications (organization_id, user_id, seq, id, source_id, type, title, body, priority, decisions)
       SELECT organization_id, user_id, 1 + number, gen_random_uuid(), gen_random_uuid(), type, title, body, priority, decisions
       FROM tidings.notifications, generate_series(1, 699) AS number WHERE organization_id = $1`,
      [live.organization.id],
    );
    await api.database.query('UPDATE tidings.feeds SET last_seq = 700 WHERE organization_id = $1', [
      live.organization.id,
    ]);
    const connection = await live.connect(live.bob, { since: 0 });
    await expect.poll(() => connection.frames.at(-1)).toEqual({ type: 'gap', seq: 700 });
    expect(connection.notifications.map(({ seq }) => seq)).toEqual(seqsFrom(1, 500));
    await live.notify('afterwards');
    await expect
      .poll(() => connection.notifications.at(-1))
      .toMatchObject({ seq: 701, notification: { body: 'afterwards' } });
    expect(connection.notifications).toHaveLength(501);
  });

  it('receives each notification once and in order over many reconnects', async () => {
    const total = 150;
    const sending = (async () => {
      for (let number = 1; number <= total; number++) await live.notify(`${number}`);
    })();
    const seqs: number[] = [];
    let drops = 0;
    while (seqs.at(-1) !== total) {
      const connection = await connect(api, live.bob, { since: seqs.at(-1) ?? 0 });
      // However many have come by then: none, some of a page, or what came while it was connected.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
      seqs.push(...connection.notifications.map(({ seq }) => seq));
      connection.drop();
      drops++;
      expect(drops).toBeLessThan(2000);
    }
    await sending;
    expect(seqs).toEqual(seqsFrom(1, total));
    for (; drops < 200; drops++) {
      const connection = await connect(api, live.bob, { since: total });
      expect(connection.notifications).toEqual([]);
      connection.drop();
    }
  });
});
