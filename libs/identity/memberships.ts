import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database, type Transaction } from '#database';
import { Batcher } from '#batching';
import { type Permission, expand } from './permissions.js';
import { isId, usernameKey } from './person.js';

export interface Membership {
  userId: string;
  permissions: ReadonlySet<Permission>;
}

/** A removal or a changed role takes effect within this time in every process, and at once in this one. */
const MILLISECONDS_KEPT = 5000;

/**
 * Memberships and the permissions of their roles. Every request needs them, so lookups are batched and cached
 * briefly.
 */
@Injectable()
export class Memberships {
  private readonly kept = new LRUCache<string, Membership>({ max: 50_000, ttl: MILLISECONDS_KEPT });
  private changes = 0;
  private readonly organizations = new LRUCache<string, true>({ max: 10_000, ttl: MILLISECONDS_KEPT });
  private readonly reading = new Batcher<string, Membership | undefined>(
    (organizationId, people) => this.read(organizationId, people),
    { retryIndividually: () => false },
  );

  constructor(private readonly database: Database) {}

  async find(organizationId: string, person: string): Promise<Membership | undefined> {
    const key = `${organizationId} ${usernameKey(person)}`;
    const known = this.kept.get(key);
    if (known) return known;
    const { changes } = this;
    const found = await this.reading.add(organizationId, person);
    // A result that was read before a change must not be cached after it.
    if (found && changes === this.changes) this.kept.set(key, found);
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

  /** Must be called once a change of members or roles is committed. */
  forget(): void {
    this.changes++;
    this.kept.clear();
  }

  private async read(organizationId: string, people: string[]): Promise<(Membership | undefined)[]> {
    const rows = await this.database.tenantRead({ organizationId }, (tx) => findAll(tx, people));
    const found = new Map<string, Membership>();
    for (const { user_id, username_key, permissions } of rows) {
      const membership = { userId: user_id, permissions: expand(permissions) };
      found.set(user_id, membership).set(username_key, membership);
    }
    return people.map((person) => found.get(person.toLowerCase()));
  }
}

const findAll = (tx: Transaction, people: string[]) =>
  tx.query<{ user_id: string; username_key: string; permissions: string[] }>(
    `SELECT user_id, username_key, permissions
     FROM members JOIN roles ON roles.organization_id = members.organization_id AND roles.name = members.role
     WHERE members.organization_id = $1 AND removed_at IS NULL AND NOT app_is_being_deleted(user_id)
       AND (user_id = ANY ($2::uuid[]) OR username_key = ANY ($3::text[]))`,
    [tx.organizationId, people.filter(isId), people.filter((person) => !isId(person)).map(usernameKey)],
  );
