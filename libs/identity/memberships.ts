import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database, PgListener } from '#database';
import { Batcher } from '#batching';
import { findMemberships } from './members.queries.js';
import { organizationExists } from './organizations.queries.js';
import { type Permission, expand } from './permissions.js';
import { usernameKey } from './person.js';

export interface Membership {
  userId: string;
  permissions: ReadonlySet<Permission>;
}

interface CachedMembership {
  membership: Membership;
  /** By performance.now(), before it was read. */
  readAt: number;
  /** The last change of the organization that was known then. */
  lastChange: number;
}

/** A trigger of members, roles and user_deletions notifies this channel: with the organization, or '' for all. */
const CHANNEL = 'tidings_memberships';

/**
 * A removed member, or a changed role, is known everywhere within this time, and in this process at once. While NOTIFY
 * is known to work, an entry is kept for longer, because its change would have been notified.
 */
const CURRENT_MILLISECONDS = 5000;
const CACHE_TTL_MILLISECONDS = 600_000;

/** If more organizations have changed, all entries are dropped. */
const MAX_CHANGED = 10_000;

/** Caches who is a member and what their role permits, because every request asks. Concurrent lookups share a query. */
@Injectable()
export class Memberships {
  private readonly cache = new LRUCache<string, CachedMembership>({
    max: 50_000,
    ttl: CACHE_TTL_MILLISECONDS,
  });
  private readonly organizations = new LRUCache<string, true>({ max: 10_000, ttl: CURRENT_MILLISECONDS });
  /** The last change of each organization that has changed since all entries were dropped. */
  private readonly changes = new Map<string, number>();
  private changeCount = 0;
  private allChanged = 0;
  private readonly reading = new Batcher<string, Membership | undefined>(
    (organizationId, people) => this.read(organizationId, people),
    { retryIndividually: () => false },
  );

  constructor(
    private readonly database: Database,
    private readonly listener: PgListener,
  ) {
    listener.listen(CHANNEL, {
      onNotification: (organizationId) => this.forget(organizationId || undefined),
      onListen: () => this.forget(),
    });
  }

  async find(organizationId: string, person: string): Promise<Membership | undefined> {
    const key = `${organizationId} ${usernameKey(person)}`;
    const known = this.cache.get(key);
    const lastChange = this.lastChangeOf(organizationId);
    if (known && known.lastChange === lastChange && this.isCurrent(known.readAt)) return known.membership;
    const readAt = performance.now();
    const membership = await this.reading.add(organizationId, person);
    // If the organization changed during the read, lastChange is outdated and this entry is never used.
    if (membership) this.cache.set(key, { membership, readAt, lastChange });
    return membership;
  }

  async organizationExists(organizationId: string): Promise<boolean> {
    if (this.organizations.has(organizationId)) return true;
    const exists = await this.database.tenantRead({ organizationId }, organizationExists);
    if (exists) this.organizations.set(organizationId, true);
    return exists;
  }

  /** To be called once a change of members or roles is committed: of one organization, or of any. */
  forget(organizationId?: string): void {
    this.changeCount++;
    if (organizationId) this.changes.set(organizationId, this.changeCount);
    if (organizationId && this.changes.size < MAX_CHANGED) return;
    this.allChanged = this.changeCount;
    this.changes.clear();
    this.cache.clear();
  }

  private lastChangeOf(organizationId: string): number {
    return this.changes.get(organizationId) ?? this.allChanged;
  }

  private isCurrent(readAt: number): boolean {
    return performance.now() - Math.max(readAt, this.listener.caughtUpAt) <= CURRENT_MILLISECONDS;
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
