import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '#database';
import { Batcher } from '#batching';
import { findMemberships } from './members.queries.js';
import { organizationExists } from './organizations.queries.js';
import { type Permission, expand } from './permissions.js';
import { usernameKey } from './person.js';

export interface Membership {
  userId: string;
  permissions: ReadonlySet<Permission>;
}

/** A removed member, or a changed role, is known everywhere within this time; in this process at once. */
const MILLISECONDS_KEPT = 5000;

/** Who is a member, and what their role permits: asked by every request, so for many at once, and kept for a moment. */
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
    // What was read before a change must not be kept after it.
    if (found && changes === this.changes) this.kept.set(key, found);
    return found;
  }

  async organizationExists(organizationId: string): Promise<boolean> {
    if (this.organizations.has(organizationId)) return true;
    const exists = await this.database.tenantRead({ organizationId }, organizationExists);
    if (exists) this.organizations.set(organizationId, true);
    return exists;
  }

  /** To be called once a change of members or roles is committed. */
  forget(): void {
    this.changes++;
    this.kept.clear();
  }

  private async read(organizationId: string, people: string[]): Promise<(Membership | undefined)[]> {
    const rows = await this.database.tenantRead({ organizationId }, (tx) => findMemberships(tx, people));
    const found = new Map<string, Membership>();
    for (const { user_id, username_key, permissions } of rows) {
      const membership = { userId: user_id, permissions: expand(permissions) };
      found.set(user_id, membership).set(username_key, membership);
    }
    return people.map((person) => found.get(person.toLowerCase()));
  }
}
