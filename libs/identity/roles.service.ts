import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, FOREIGN_KEY_VIOLATION, type PageAfter, type Transaction, sqlStateOf } from '#database';
import { Problem, notFound } from '#problem';
import { assertStillHolds } from './authorization.js';
import { type Caller, assertOrganization } from './caller.js';
import { Role } from './entities.js';
import { Memberships } from './memberships.js';
import { ADMIN_ROLE, assertHolds } from './permissions.js';
import { countRoles, deleteRole, listRoles, upsertRole } from './roles.queries.js';

@Injectable()
export class RolesService {
  constructor(
    private readonly database: Database,
    private readonly memberships: Memberships,
  ) {}

  list(caller: Caller, page: PageAfter): Promise<Role[]> {
    return this.database.tenantTransaction(caller, (tx) => listRoles(tx, page));
  }

  async get(caller: Caller, name: string): Promise<Role> {
    const role = await this.database.tenantTransaction(caller, (tx) =>
      tx.repository(Role).findOneBy({ organization_id: tx.organizationId, name }),
    );
    if (!role) throw notFound();
    return role;
  }

  async put(caller: Caller, name: string, permissions: string[]): Promise<Role & { created: boolean }> {
    assertOrganization(caller);
    assertChangeable(name);
    const role = await this.database.tenantTransaction(caller, async (tx) => {
      // Locked before the shared lock of the caller's own role, because two callers who change that role would
      // deadlock.
      await tx.lock(`role ${name}`);
      const held = await assertStillHolds(tx, caller, 'roles:manage');
      const current = await tx.repository(Role).findOne({
        where: { organization_id: tx.organizationId, name },
        lock: { mode: 'pessimistic_write' },
      });
      assertHolds(held, [...permissions, ...(current?.permissions ?? [])]);
      if (!current) await assertRoomForRole(tx);
      const saved = await upsertRole(tx, name, permissions);
      await audit(tx, caller, {
        action: 'role.put',
        targetType: 'role',
        targetId: name,
        details: { permissions },
      });
      return { ...saved, created: !current };
    });
    this.memberships.forget(caller.organizationId);
    return role;
  }

  async remove(caller: Caller, name: string): Promise<void> {
    assertChangeable(name);
    await this.database
      .tenantTransaction(caller, async (tx) => {
        await tx.lock(`role ${name}`);
        const held = await assertStillHolds(tx, caller, 'roles:manage');
        const role = await deleteRole(tx, name);
        if (!role) throw notFound();
        assertHolds(held, role.permissions);
        await audit(tx, caller, { action: 'role.delete', targetType: 'role', targetId: name });
      })
      .catch((error: unknown) => {
        if (sqlStateOf(error) !== FOREIGN_KEY_VIOLATION) throw error;
        throw new Problem('conflict', 'Members have this role: give them another role first.');
      });
    this.memberships.forget(caller.organizationId);
  }
}

/** Messaging rules exist for every pair of roles, so the cost of listing them grows with the square of the roles. */
export const MAX_ROLES = 100;

/** Locks, so that concurrent requests cannot exceed the maximum. */
async function assertRoomForRole(tx: Transaction): Promise<void> {
  await tx.lock('roles');
  if ((await countRoles(tx)) >= MAX_ROLES) {
    throw new Problem('conflict', `An organization has at most ${MAX_ROLES} roles: delete one first.`);
  }
}

function assertChangeable(name: string): void {
  if (name === ADMIN_ROLE)
    throw new Problem(
      'conflict',
      'The role admin always has every permission, so it cannot be changed or deleted: use another role.',
    );
}
