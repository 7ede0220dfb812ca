import type { Transaction } from '#database';

/** By the clock of the database. */
export async function findNow(tx: Transaction): Promise<Date> {
  const [row] = await tx.query<{ now: Date }>('SELECT now()');
  return row!.now;
}

export async function findOrganizationName(tx: Transaction): Promise<string | undefined> {
  const [organization] = await tx.query<{ name: string }>('SELECT name FROM organizations WHERE id = $1', [
    tx.organizationId,
  ]);
  return organization?.name;
}
