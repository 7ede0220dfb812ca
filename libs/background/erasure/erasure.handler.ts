import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, type Transaction } from '#database';
import type { EventMap } from '#events';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';
import {
  PLATFORM_ORGANIZATION,
  countErased,
  eraseMember,
  findDeletion,
  finishDeletion,
  lockErased,
  lockUser,
  organizationsOf,
  removeErased,
} from '#identity';
import { STEPS } from './steps.js';

/** Rows per transaction: large enough to be efficient, small enough to delay nobody. */
const CHUNK = 2000;

type Erasing = EventMap['member.erasing'];

/**
 * Erases deleted people chunk by chunk in each organization, and the user at the end. The event of a chunk is
 * recorded by the chunk before it, so an interrupted deletion continues with the unfinished event.
 */
@Injectable()
export class ErasureHandler {
  constructor(private readonly database: Database) {}

  @OnOutboxEvent('user.deleting')
  async deleting({ payload }: RecordedEvent<'user.deleting'>): Promise<void> {
    const { user_id } = payload;
    const [deletion, organizationIds] = await this.onPlatform((tx) =>
      Promise.all([findDeletion(tx, user_id), organizationsOf(tx, user_id)]),
    );
    if (!deletion || deletion.finished_at) return;
    const erasing: Erasing = { user_id, key_id: deletion.api_key_id, request_id: deletion.request_id };
    for (const organizationId of organizationIds) {
      await this.database.tenantTransaction({ organizationId }, async (tx) =>
        tx.record('member.erasing', erasing),
      );
    }
    if (organizationIds.length === 0) await this.finish(user_id);
  }

  @OnOutboxEvent('member.erasing')
  async erasing({ organizationId, payload }: RecordedEvent<'member.erasing'>): Promise<void> {
    await this.database.organizationTransaction(organizationId, async (tx) => {
      if (!(await lockErased(tx, payload.user_id))) return;
      if (await isMoreAfterChunk(tx, payload)) {
        tx.record('member.erasing', payload);
      } else {
        await eraseMember(tx, payload.user_id);
        tx.record('member.erased', { user_id: payload.user_id });
      }
    });
  }

  @OnOutboxEvent('member.erased')
  async erased({ payload }: RecordedEvent<'member.erased'>): Promise<void> {
    await this.finish(payload.user_id);
  }

  /** Finishes the deletion once no organization has data of the person. */
  private async finish(userId: string): Promise<void> {
    await this.onPlatform(async (tx) => {
      await lockUser(tx, userId);
      const deletion = await findDeletion(tx, userId);
      if (!deletion || deletion.finished_at || deletion.organizations_left > 0) return;
      await finishDeletion(tx, userId);
      await audit(
        tx,
        { kind: 'platform', keyId: deletion.api_key_id ?? undefined, requestId: deletion.request_id },
        {
          action: 'user.erased',
          targetType: 'user',
          targetId: userId,
          details: { rows_erased: deletion.rows_erased },
        },
      );
    });
  }

  private onPlatform<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.platformTransaction({ organizationId: PLATFORM_ORGANIZATION }, work);
  }
}

/**
 * Erases one chunk and returns whether there is more. The removal of the member comes first and in chunks of its own, so
 * that everybody sees it before the long work begins.
 */
async function isMoreAfterChunk(tx: Transaction, { user_id, key_id, request_id }: Erasing): Promise<boolean> {
  const platform = { kind: 'platform' as const, keyId: key_id ?? undefined, requestId: request_id };
  if (await removeErased(tx, user_id, platform)) return true;
  let rows = 0;
  let isMore = false;
  for (const step of STEPS) {
    const erased = await step(tx, user_id, CHUNK - rows);
    rows += erased.rows;
    isMore = erased.isMore || rows >= CHUNK;
    if (isMore) break;
  }
  await countErased(tx, user_id, rows);
  return isMore;
}
