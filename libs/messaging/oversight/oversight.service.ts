import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, type Page, fetchPage } from '#database';
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

  listThreads(
    caller: Caller,
    { person, ...filter }: OversightFilter,
    reason: string,
  ): Promise<Page<OverseenThread>> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const userId = person === undefined ? undefined : await findPersonOrFail(tx, person);
      const threads = await fetchPage({ ...filter, userId }, (list) => listAnyThreads(tx, list));
      await audit(tx, caller, {
        action: 'threads.list',
        targetType: person === undefined ? 'organization' : 'user',
        targetId: userId ?? tx.organizationId,
        reason,
        details: { thread_ids: threads.rows.map(({ id }) => id) },
      });
      return threads;
    });
  }

  readMessages(
    caller: Caller,
    threadId: string,
    page: { before?: number; limit: number },
    reason: string,
  ): Promise<Page<OverseenMessage>> {
    return this.database.organizationTransaction(caller, async (tx) => {
      if (!(await threadExists(tx, threadId))) throw notFound();
      const messages = await fetchPage(page, (list) => findAnyMessages(tx, threadId, list));
      await audit(tx, caller, {
        action: 'thread.read',
        targetType: 'thread',
        targetId: threadId,
        reason,
        details: { seqs: [messages.rows.at(-1)?.seq ?? null, messages.rows[0]?.seq ?? null] },
      });
      return messages;
    });
  }

  /** Earlier versions of a message, even of a deleted one. */
  readVersions(caller: Caller, messageId: string, page: VersionPage, reason: string): Promise<Page<Version>> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const message = await findAnyMessage(tx, messageId);
      if (!message) throw notFound();
      const versions = await fetchPage(page, (list) => findVersions(tx, messageId, list));
      await audit(tx, caller, {
        action: 'message.read_versions',
        targetType: 'message',
        targetId: messageId,
        reason,
        details: {
          thread_id: message.thread_id,
          versions: versions.rows.map(({ version }) => version),
        },
      });
      return versions;
    });
  }
}
