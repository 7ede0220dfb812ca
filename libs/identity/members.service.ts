import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { audit } from '#audit';
import { Database, FOREIGN_KEY_VIOLATION, constraintOf, sqlStateOf } from '#database';
import { Problem, invalidField, notFound } from '#problem';
import { assertStillHolds } from './authorization.js';
import { type Caller, type PersonCaller, assertOrganization } from './caller.js';
import { isBeingDeleted } from './deletions.queries.js';
import { Member, Organization } from './entities.js';
import {
  type MemberInput,
  type Visibility,
  isLeaving,
  lockRoleChange,
  removeMember,
  saveVisibility,
  upsertMember,
} from './members.queries.js';
import { Memberships } from './memberships.js';
import { assertHolds } from './permissions.js';

/** The id that means "no actor" in counts of unread notifications. Cursors begin at it. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class MembersService {
  constructor(
    private readonly database: Database,
    private readonly memberships: Memberships,
  ) {}

  /** Creates the member, also after a removal, or changes the organization's data of them. */
  async put(caller: Caller, userId: string, input: MemberInput): Promise<Member & { created: boolean }> {
    assertOrganization(caller);
    if (userId === NOBODY) throw new Problem('conflict', 'The nil UUID is nobody: use another id.');
    const member = await this.database
      .tenantTransaction(caller, async (tx) => {
        if (await isBeingDeleted(tx, userId)) {
          throw new Problem(
            'conflict',
            'This person is being deleted: try again when the deletion has finished.',
          );
        }
        const { next, current } = await lockRoleChange(tx, userId, input.role, caller.userId);
        const held = await assertStillHolds(tx, caller, 'members:manage');
        if (!next)
          throw invalidField('role', `must be a role of this organization; there is no "${input.role}"`);
        assertHolds(held, [...next, ...(current ?? [])]);
        if (!current && (await isLeaving(tx, userId))) {
          throw new Problem(
            'conflict',
            'This person was removed and is still leaving groups: try again in a few seconds.',
          );
        }
        const saved = await upsertMember(tx, userId, input);
        if (!current) tx.record('member.joined', { user_id: userId });
        await audit(tx, caller, {
          action: 'member.put',
          targetType: 'user',
          targetId: userId,
          details: { role: input.role },
        });
        return { ...saved, created: !current };
      })
      .catch(explainConflict);
    this.memberships.forget(caller.organizationId);
    return member;
  }

  /** The person leaves 500 groups with the membership, and an event has the worker leave the rest. */
  async remove(caller: Caller, userId: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      const { current } = await lockRoleChange(tx, userId, null, caller.userId);
      const held = await assertStillHolds(tx, caller, 'members:manage');
      assertHolds(held, current ?? []);
      if (!(await removeMember(tx, userId))) throw notFound();
      tx.record('member.removed', { user_id: userId });
      if (await isLeaving(tx, userId)) tx.record('member.leaving', { user_id: userId });
      await audit(tx, caller, { action: 'member.remove', targetType: 'user', targetId: userId });
    });
    this.memberships.forget(caller.organizationId);
  }

  me(caller: PersonCaller): Promise<{ member: Member; organization: Organization }> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const key = { organization_id: tx.organizationId, user_id: caller.userId };
      const member = await tx.repository(Member).findOneBy({ ...key, removed_at: IsNull() });
      if (!member) throw notFound();
      const organization = await tx.repository(Organization).findOneByOrFail({ id: tx.organizationId });
      return { member, organization };
    });
  }

  setVisibility(caller: PersonCaller, change: Partial<Visibility>): Promise<Visibility> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const visibility = await saveVisibility(tx, caller.userId, change);
      if (!visibility) throw notFound();
      return visibility;
    });
  }
}

function explainConflict(error: unknown): never {
  if (constraintOf(error) === 'members_username') {
    throw new Problem(
      'conflict',
      'Another member of this organization has this username: choose another one.',
    );
  }
  if (sqlStateOf(error) === FOREIGN_KEY_VIOLATION) throw notFound();
  throw error;
}
