import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { auditAll } from '#audit';
import { Database, type Transaction } from '#database';
import { type Caller } from '#identity';
import { markReads } from './act-as.queries.js';

const HOUR_MILLISECONDS = 3_600_000;
/**
 * If another process has written the entry, its time is unknown here, so the database is asked again after this time.
 */
const ASK_AGAIN_MILLISECONDS = 300_000;

/** A request of a service on behalf of a person. */
export interface ActAs {
  caller: Caller & { userId: string };
  method: string;
  /** The route with names of parameters. Their values are left out, because they may be usernames. */
  route: string;
}

const isRead = ({ method }: ActAs): boolean => method === 'GET' || method === 'HEAD';

/**
 * Audits requests of services on behalf of people: one entry for each write, and one per hour for the reads of one
 * person by one key on one route, across processes. The entry is written before the request is handled. If it cannot
 * be written, the request fails.
 */
@Injectable()
export class ActAsTraceService {
  private readonly known = new LRUCache<string, true>({ max: 50_000 });
  private readonly write: (organizationId: string, item: ActAs) => Promise<boolean>;

  constructor(database: Database) {
    this.write = database.batchedTransaction(writeAll);
  }

  async record(item: ActAs): Promise<void> {
    const { organizationId, keyId, userId } = item.caller;
    if (!isRead(item)) {
      await this.write(organizationId, item);
      return;
    }
    const key = [organizationId, keyId, userId, item.route].join(' ');
    if (this.known.has(key)) return;
    const isNew = await this.write(organizationId, item);
    this.known.set(key, true, { ttl: isNew ? HOUR_MILLISECONDS : ASK_AGAIN_MILLISECONDS });
  }
}

/** Returns for each item whether it got an entry of its own. */
async function writeAll(tx: Transaction, items: ActAs[]): Promise<boolean[]> {
  const reads = items.filter(isRead);
  const due = reads.length === 0 ? new Set() : await markReads(tx, reads);
  const written = items.map((item) => !isRead(item) || due.delete(item));
  await auditAll(
    tx,
    items
      .filter((_, at) => written[at])
      .map(({ caller, method, route }) => ({
        actor: caller,
        action: {
          action: 'act_as',
          targetType: 'user',
          targetId: caller.userId,
          details: { method, route },
        },
      })),
  );
  return written;
}
