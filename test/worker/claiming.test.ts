import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Outbox } from '#outbox';
import { RelayPool } from '#database';
import { InFlight } from '../../libs/background/relay/in-flight.js';
import { type TestApi, startTestApi } from '../support/api.js';
import { blocksOf, explainAll, nodesOf, record } from '../support/plans.js';

const SCHEDULED = 10_000;
const DUE = 100_000;

/** The number as an id, so that organizations have an order. */
const id = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

let api: TestApi;
let outbox: Outbox;

beforeAll(async () => {
  api = await startTestApi({ worker: 'off' });
});

afterAll(() => api?.stop());

beforeEach(async () => {
  await api.database.query('DELETE FROM outbox');
  // It remembers where its last scan ended.
  outbox = new Outbox(api.app.get(RelayPool));
});

/** So many events of one organization, each due a millisecond after the one before. */
const recordEvents = (
  organization: number,
  count: number,
  { type = 'message.sent', at = `'-1 hour'` } = {},
) =>
  api.database.query(
    `INSERT INTO outbox (organization_id, id, type, payload, run_at)
     SELECT $1, gen_random_uuid(), $2, jsonb_build_object('number', number), now() + interval ${at} + number * interval '1 millisecond'
     FROM generate_series(1, $3::integer) AS number`,
    [id(organization), type, count],
  );

const claim = async (inFlight: InFlight) => {
  const events = await outbox.claim(inFlight.share(await outbox.findOrganizations()), ['message.sent']);
  for (const event of events) inFlight.add(event);
  return Map.groupBy(events, ({ organizationId }) => organizationId);
};

describe('a claim', () => {
  it('divides free places between the organizations, and takes the oldest events of each', async () => {
    await recordEvents(1, 300);
    await recordEvents(2, 300, { at: `'-1 minute'` });
    await recordEvents(3, 1, { at: `'-1 second'` });
    const inFlight = new InFlight();
    const first = await claim(inFlight);
    expect([1, 2, 3].map((number) => first.get(id(number))?.length)).toEqual([66, 66, 1]);
    const [order] = await api.database.query(
      `SELECT max(due) FILTER (WHERE attempts = 1) < min(due) FILTER (WHERE attempts = 0) AS oldest_first
       FROM (SELECT attempts, (payload ->> 'number')::integer AS due FROM outbox WHERE organization_id = $1) AS events`,
      [id(1)],
    );
    expect(order).toEqual({ oldest_first: true });
    const second = await claim(inFlight);
    // Up to a hundred of each.
    expect([1, 2, 3].map((number) => second.get(id(number))?.length)).toEqual([33, 33, undefined]);
  });

  it('leaves out an organization that has a hundred events in flight, until some are done', async () => {
    await recordEvents(1, 300);
    const inFlight = new InFlight();
    const events = (await claim(inFlight)).get(id(1))!;
    expect(events).toHaveLength(100);
    await recordEvents(2, 1);
    expect([...(await claim(inFlight)).keys()]).toEqual([id(2)]);
    for (const event of events.slice(0, 10)) inFlight.delete(event);
    expect((await claim(inFlight)).get(id(1))).toHaveLength(10);
  });

  it('gives free places to the organizations with the fewest events in flight, and claims at most 200 in all', async () => {
    const inFlight = new InFlight();
    for (const [organization, count] of [
      [1, 100],
      [2, 98],
    ] as const) {
      await recordEvents(organization, count);
      expect((await claim(inFlight)).get(id(organization))).toHaveLength(count);
    }
    expect(inFlight.share([id(1), id(2), id(3), id(4)])).toEqual([
      { organizationId: id(3), limit: 1 },
      { organizationId: id(4), limit: 1 },
    ]);
    await Promise.all([2, 3, 4].map((organization) => recordEvents(organization, 5)));
    const claimed = await claim(inFlight);
    expect([1, 2, 3, 4].map((number) => claimed.get(id(number))?.length)).toEqual([
      undefined,
      undefined,
      1,
      1,
    ]);
    expect((await claim(inFlight)).size).toBe(0);
  });

  it('finds organizations behind the oldest 500 events by a scan that continues where it ended, then starts again', async () => {
    await recordEvents(5000, 600);
    await api.database.query(
      `INSERT INTO outbox (organization_id, id, type, payload, run_at)
       SELECT ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid, gen_random_uuid(), 'message.sent',
              '{}', now() + CASE WHEN number IN (900, 1400) THEN interval '-1 second' ELSE interval '1 day' END
       FROM generate_series(1, 1500) AS number`,
    );
    const found: string[][] = [];
    // A thousand organizations a time.
    for (let time = 0; time < 4; time++) found.push((await outbox.findOrganizations()).toSorted());
    expect(found).toEqual([
      [id(900), id(5000)],
      [id(1400), id(5000)],
      [id(900), id(5000)],
      [id(1400), id(5000)],
    ]);
  });

  it('takes no event that is claimed, scheduled or of an unknown type', async () => {
    await recordEvents(1, 10);
    await recordEvents(1, 5, { at: `'1 hour'` });
    await recordEvents(1, 5, { type: 'message.translated', at: `'-2 hours'` });
    expect((await claim(new InFlight())).get(id(1))).toHaveLength(10);
    expect((await claim(new InFlight())).size).toBe(0);
  });
});

describe('with 100,000 due events of one organization and 10,000 organizations with scheduled ones', () => {
  beforeAll(() => explainAll(api), 60_000);

  beforeEach(async () => {
    await recordEvents(1, DUE);
    await api.database.query(
      `INSERT INTO outbox (organization_id, id, type, payload, run_at)
       SELECT ('00000000-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid, gen_random_uuid(), 'message.sent',
              '{}', now() + interval '1 day'
       FROM generate_series(2, $1::integer) AS number`,
      [SCHEDULED],
    );
    await recordEvents(SCHEDULED + 1, 1, { at: `'0'` });
    await api.database.query('VACUUM ANALYZE outbox');
  }, 60_000);

  it('an event of another organization is claimed within a dozen claims', async () => {
    const inFlight = new InFlight();
    let claims = 0;
    for (let found = false; !found; claims++) found = (await claim(inFlight)).has(id(SCHEDULED + 1));
    expect(claims).toBeLessThanOrEqual(12);
  });

  it('a claim uses no sequential scan and reads few blocks', async () => {
    // Earlier claims leave dead rows behind.
    await api.database.query('VACUUM outbox');
    const { executed } = await record(() => claim(new InFlight()), 'tidings relay');
    expect(executed).toHaveLength(3);
    const nodes = executed.flatMap(({ plan }) => nodesOf(plan));
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    const [look, scan, taking] = executed.map(blocksOf);
    expect(look).toBeLessThan(100);
    // Three for each of a thousand organizations.
    expect(scan).toBeLessThan(4500);
    // A hundred events, each written to four indexes.
    expect(taking).toBeLessThan(3500);
  });

  it('a claim needs one statement if no event is due', async () => {
    await api.database.query(`UPDATE outbox SET run_at = now() + interval '1 day' WHERE run_at <= now()`);
    await api.database.query('VACUUM outbox');
    const { executed } = await record(() => claim(new InFlight()), 'tidings relay');
    expect(executed.map(blocksOf)).toEqual([expect.any(Number)]);
    expect(blocksOf(executed[0]!)).toBeLessThan(10);
  });
});
