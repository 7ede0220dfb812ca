import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '#database';
import { type Permission, expand } from './permissions.js';
import { personCondition, usernameKey } from './person.js';

export interface Membership {
  userId: string;
  permissions: ReadonlySet<Permission>;
}

/** A removed member, or a changed role, is known everywhere within this time; in this process at once. */
const MILLISECONDS_KEPT = 5000;

/** Who is a member, and what their role permits: asked by every request, so kept for a moment. */
@Injectable()
export class Memberships {
  private readonly kept = new LRUCache<string, Membership>({ max: 50_000, ttl: MILLISECONDS_KEPT });
  private readonly organizations = new LRUCache<string, true>({ max: 10_000, ttl: MILLISECONDS_KEPT });

  constructor(private readonly database: Database) {}

  async find(organizationId: string, person: string): Promise<Membership | undefined> {
    const key = `${organizationId} ${usernameKey(person)}`;
    const known = this.kept.get(key);
    if (known) return known;
    const found = await this.read(organizationId, person);
    if (found) this.kept.set(key, found);
    return found;
  }

  async organizationExists(organizationId: string): Promise<boolean> {
    if (this.organizations.has(organizationId)) return true;
    const rows = await this.database.tenantRead({ organizationId }, (tx) =>
      tx.query('SELECT FROM organizations WHERE id = $1', [organizationId]),
    );
    if (rows.length > 0) this.organizations.set(organizationId, true);
    return rows.length > 0;
  }

  /** To be called once a change of members or roles is committed. */
  forget(): void {
    this.kept.clear();
  }

  private read(organizationId: string, person: string): Promise<Membership | undefined> {
    return this.database.tenantRead({ organizationId }, async (tx) => {
      const [condition, value] = personCondition(person, '$2');
      const [row] = await tx.query<{ user_id: string; permissions: string[] }>(
        `SELECT user_id, permissions
         FROM members JOIN roles ON roles.organization_id = members.organization_id AND roles.name = members.role
         WHERE members.organization_id = $1 AND ${condition} AND removed_at IS NULL`,
        [organizationId, value],
      );
      return row && { userId: row.user_id, permissions: expand(row.permissions) };
    });
  }
}
