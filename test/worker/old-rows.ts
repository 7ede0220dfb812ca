import { Housekeeping } from '../../libs/background/housekeeping.js';
import type { TestApi } from '../support/api.js';

/** Runs housekeeping once, and ages and counts the rows of one organization that it deletes. */
export function useOldRows(api: TestApi, organizationId: () => string) {
  const clear = () => api.app.get(Housekeeping).clearOld();

  /** Dates these rows back by so many days. */
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
  return { clear, age, count };
}

export const addDeadLetters = (api: TestApi, organization: string, number: number, daysAgo: number) =>
  api.database.query(
    `INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at, failed_at)
     SELECT $1, gen_random_uuid(), 'message.sent', '{}', 12, now(), now() - make_interval(days => $3)
     FROM generate_series(1, $2::integer)`,
    [organization, number, daysAgo],
  );
