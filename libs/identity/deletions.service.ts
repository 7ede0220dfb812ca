import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database } from '#database';
import { notFound } from '#problem';
import { assertStillHolds } from './authorization.js';
import { type Caller, PLATFORM_ORGANIZATION } from './caller.js';
import { type Deletion, findDeletion, lockUser, startDeletion } from './deletions.queries.js';
import { User } from './entities.js';
import { Memberships } from './memberships.js';

/** Deletes a person: the request is made here, and the worker erases the data in short transactions. */
@Injectable()
export class DeletionsService {
  constructor(
    private readonly database: Database,
    private readonly memberships: Memberships,
  ) {}

  /** Ends all access of the person with the commit. If repeated, it returns the progress. */
  async request(caller: Caller, userId: string): Promise<Deletion> {
    const platform = { ...caller, organizationId: PLATFORM_ORGANIZATION, userId: undefined };
    const deletion = await this.database.platformTransaction(platform, async (tx) => {
      await assertStillHolds(tx, platform);
      await lockUser(tx, userId);
      const [isThere, known] = await Promise.all([
        tx.repository(User).existsBy({ id: userId }),
        findDeletion(tx, userId),
      ]);
      if (isThere && (!known || known.finished_at)) {
        await startDeletion(tx, userId, caller);
        tx.record('user.deleting', { user_id: userId });
        await audit(tx, caller, { action: 'user.delete', targetType: 'user', targetId: userId });
        return findDeletion(tx, userId);
      }
      return known;
    });
    if (!deletion) throw notFound();
    this.memberships.forget();
    return deletion;
  }

  async get(caller: Caller, userId: string): Promise<Deletion> {
    const platform = { ...caller, organizationId: PLATFORM_ORGANIZATION };
    const deletion = await this.database.platformTransaction(platform, (tx) => findDeletion(tx, userId));
    if (!deletion) throw notFound();
    return deletion;
  }
}
