import { beforeEach, describe, expect, it } from 'vitest';
import { Housekeeping } from '../../libs/background/housekeeping.js';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { addDeadLetters, useOldRows } from './old-rows.js';

const api = useApi({ retentionDays: 100 });

let organization: TestOrganization;

beforeEach(async () => {
  organization = await api.build.organization();
});

const organizationId = () => organization.id;
const { clear, count } = useOldRows(api, organizationId);

describe('housekeeping', () => {
  it('lets organizations take turns, so one with many old rows does not delay the others', async () => {
    const others = await Promise.all([1, 2, 3].map(() => api.build.organization()));
    const all = [organizationId(), ...others.map(({ id }) => id)];
    const [first, ...rest] = (
      await api.database.query<{ id: string }>('SELECT id FROM organizations WHERE id = ANY ($1)', [all])
    ).map(({ id }) => id);
    // First, because the turn at the start of the server may still run.
    await api.database.query(`
      CREATE TABLE removals (organization_id uuid, at timestamptz DEFAULT clock_timestamp());
      GRANT INSERT ON removals TO PUBLIC;
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO tidings.removals VALUES (old.organization_id); RETURN old; END $$;
      CREATE TRIGGER note BEFORE DELETE ON dead_letters FOR EACH ROW EXECUTE FUNCTION note()`);
    // Last, because that turn would else remove all of these before the others have any.
    for (const id of rest) await addDeadLetters(api, id, 1, 101);
    await addDeadLetters(api, first!, 4500, 101);
    await clear();
    const order = await api.database.query<{ organization_id: string }>(
      'SELECT organization_id FROM removals GROUP BY organization_id ORDER BY max(at)',
    );
    await api.database.query('DROP TRIGGER note ON dead_letters; DROP FUNCTION note(); DROP TABLE removals');
    expect(order).toHaveLength(4);
    expect(order.at(-1)!.organization_id).toBe(first);
  });

  it('deletes idempotency keys older than a day, in several batches if there are many', async () => {
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
});
