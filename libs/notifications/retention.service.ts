import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { WHOLE_ORGANIZATION } from '#identity';
import { findDefaults } from '#preferences';
import { deleteExpired, findOldest, removeOlder } from './retention.repository.js';
import { TYPE_OF_LAST_RESORT } from './telling.js';

const BATCH = 1000;
const DAY_MILLISECONDS = 86_400_000;

/** Takes away what has been kept for as long as its type says, whatever has become of it in between, and what has expired. */
@Injectable()
export class Retention {
  constructor(private readonly database: Database) {}

  /** In batches, so that no lock is held for long, until the signal to stop. */
  async clear(organizationId: string, signal: AbortSignal): Promise<void> {
    const tenant = { organizationId, userId: WHOLE_ORGANIZATION };
    const inBatches = async (work: (tx: Transaction) => Promise<number>) => {
      let done = BATCH;
      while (done === BATCH && !signal.aborted) done = await this.database.tenantTransaction(tenant, work);
    };
    await inBatches((tx) => deleteExpired(tx, BATCH));
    const due = await this.database.tenantTransaction(tenant, findDue);
    for (const { type, before } of due) await inBatches((tx) => removeOlder(tx, type, before, BATCH));
  }
}

/** The types of which something is older than it should be, and how old it may be. */
async function findDue(tx: Transaction): Promise<{ type: string; before: Date }[]> {
  const [{ types }, oldest] = await Promise.all([findDefaults(tx), findOldest(tx)]);
  return oldest.flatMap(({ type, created_at }) => {
    const { retention_days } = types.get(type) ?? types.get(TYPE_OF_LAST_RESORT)!;
    const before = new Date(Date.now() - retention_days * DAY_MILLISECONDS);
    return created_at < before ? { type, before } : [];
  });
}
