import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { auditAll } from '#audit';
import { Database, type Transaction } from '#database';
import { type Caller } from '#identity';
import { markReads } from './act-as.queries.js';

const HOUR_MILLISECONDS = 3_600_000;
/** Another process has written the entry, at a time that is not known here: ask the database again soon. */
const ASK_AGAIN_MILLISECONDS = 300_000;

/** One request that a service makes on behalf of a person. */
export interface ActAs {
  caller: Caller & { userId: string };
  method: string;
  /** With the names of its parameters, not their values: those may be usernames. */
  route: string;
}

const isRead = ({ method }: ActAs): boolean => method === 'GET' || method === 'HEAD';

/**
 * Leaves an audit entry for what services do on behalf of people: one for each write, and one an hour for the reads of
 * one person by one key on one route, over all processes. It is written before the request is handled, which fails
 * where the entry cannot be written.
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

/** Whether each has its own entry now. */
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
        deed: {
          action: 'act_as',
          targetType: 'user',
          targetId: caller.userId,
          details: { method, route },
        },
      })),
  );
  return written;
}
