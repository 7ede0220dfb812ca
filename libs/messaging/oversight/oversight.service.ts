import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database } from '#database';
import { type Caller } from '#identity';
import { notFound } from '#problem';
import {
  type Version,
  type VersionPage,
  findAnyMessage,
  findVersions,
} from '../messages/messages.queries.js';
import {
  type OverseenMessage,
  type OverseenThread,
  type OversightList,
  findAnyMessages,
  findPersonOrFail,
  listAnyThreads,
  threadExists,
} from './oversight.queries.js';

export type OversightFilter = Omit<OversightList, 'userId'> & { person?: string };

/**
 * Oversight of threads that the caller is not in. Each request adds one audit entry in the transaction that reads,
 * and moves no read mark.
 */
@Injectable()
export class OversightService {
  constructor(private readonly database: Database) {}

  /** One row more than the page shows tells whether there is a next page. */
  listThreads(
    caller: Caller,
    { person, ...list }: OversightFilter,
    reason: string,
  ): Promise<OverseenThread[]> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const userId = person === undefined ? undefined : await findPersonOrFail(tx, person);
      const threads = await listAnyThreads(tx, { ...list, userId, limit: list.limit + 1 });
      await audit(tx, caller, {
        action: 'threads.list',
        targetType: person === undefined ? 'organization' : 'user',
        targetId: userId ?? tx.organizationId,
        reason,
        details: { thread_ids: threads.slice(0, list.limit).map(({ id }) => id) },
      });
      return threads;
    });
  }

  /** Reads one row more than the page shows too. */
  readMessages(
    caller: Caller,
    threadId: string,
    page: { before?: number; limit: number },
    reason: string,
  ): Promise<OverseenMessage[]> {
    return this.database.organizationTransaction(caller, async (tx) => {
      if (!(await threadExists(tx, threadId))) throw notFound();
      const messages = await findAnyMessages(tx, threadId, { ...page, limit: page.limit + 1 });
      const shown = messages.slice(0, page.limit);
      await audit(tx, caller, {
        action: 'thread.read',
        targetType: 'thread',
        targetId: threadId,
        reason,
        details: { seqs: [shown.at(-1)?.seq ?? null, shown[0]?.seq ?? null] },
      });
      return messages;
    });
  }

  /**
   * Earlier versions of a message, even of a deleted one. Reads one row more than the page shows, like the lists
   * above.
   */
  readVersions(caller: Caller, messageId: string, page: VersionPage, reason: string): Promise<Version[]> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const message = await findAnyMessage(tx, messageId);
      if (!message) throw notFound();
      const versions = await findVersions(tx, messageId, { ...page, limit: page.limit + 1 });
      await audit(tx, caller, {
        action: 'message.read_versions',
        targetType: 'message',
        targetId: messageId,
        reason,
        details: {
          thread_id: message.thread_id,
          versions: versions.slice(0, page.limit).map(({ version }) => version),
        },
      });
      return versions;
    });
  }
}
