import { Injectable, Logger } from '@nestjs/common';
import { findConcerned, findPosition } from '#change-log';
import { CommitSignal, Database, RelayPool } from '#database';
import type { UserIdRange } from './change-notice.js';
import { ChangeWaiter, type LogPosition } from './change-waiter.js';

/** The people of one organization who wait in this process. */
interface Organization {
  /** Everything up to here has been looked at. */
  position: LogPosition;
  waiters: Map<string, Set<ChangeWaiter>>;
  /** People who may have something new in their feeds. */
  withNews: Set<string>;
  /** The query that is running. */
  reading?: Promise<void>;
  /** Something was committed while it was reading. */
  isBehind: boolean;
}

/**
 * Wakes the people of this process whom a change concerns. One query for each organization looks for all of them, at
 * once if none is running, and once after it for everything committed meanwhile. They then read what changed as they
 * may see it.
 */
@Injectable()
export class ChangeHub {
  private readonly organizations = new Map<string, Organization>();

  constructor(
    private readonly database: Database,
    private readonly relay: RelayPool,
    commits: CommitSignal,
  ) {
    commits.onCommit((organizationId) => this.refresh(organizationId, []));
  }

  /** Waits for changes that a read after this call does not see. */
  async open(organizationId: string, userId: string): Promise<ChangeWaiter> {
    const position = this.organizations.get(organizationId)?.position ?? (await findPosition(this.relay));
    const organization = this.organizations.get(organizationId) ?? {
      position,
      waiters: new Map<string, Set<ChangeWaiter>>(),
      withNews: new Set<string>(),
      isBehind: false,
    };
    this.organizations.set(organizationId, organization);
    const waiter = new ChangeWaiter(organizationId, userId);
    const waiters = organization.waiters.get(userId) ?? new Set();
    organization.waiters.set(userId, waiters.add(waiter));
    // A query that began before does not look for this person, and may see more than the caller's next read would.
    await organization.reading;
    return waiter;
  }

  close(waiter: ChangeWaiter): void {
    const organization = this.organizations.get(waiter.organizationId);
    const waiters = organization?.waiters.get(waiter.userId);
    waiters?.delete(waiter);
    if (waiters?.size === 0) organization!.waiters.delete(waiter.userId);
    if (organization?.waiters.size === 0) this.organizations.delete(waiter.organizationId);
  }

  /** Something may have changed. People in the ranges have something new in their feeds; null means everybody. */
  refresh(organizationId: string, ranges: UserIdRange[] | null): void {
    const organization = this.organizations.get(organizationId);
    if (!organization) return;
    for (const userId of organization.waiters.keys()) {
      if (!ranges || ranges.some(([first, last]) => userId >= first && userId <= last)) {
        organization.withNews.add(userId);
      }
    }
    organization.isBehind = true;
    organization.reading ??= this.read(organizationId, organization);
  }

  /** A notice may be lost. */
  refreshAll(): void {
    for (const organizationId of this.organizations.keys()) this.refresh(organizationId, []);
  }

  private async read(organizationId: string, organization: Organization): Promise<void> {
    try {
      while (organization.isBehind && organization.waiters.size > 0) {
        organization.isBehind = false;
        await this.readOnce(organizationId, organization);
      }
    } catch (error) {
      new Logger('Realtime').warn(`Reading changes failed, retrying within 4 s: ${String(error)}`);
    } finally {
      organization.reading = undefined;
    }
  }

  private async readOnce(organizationId: string, organization: Organization): Promise<void> {
    const { waiters, position } = organization;
    const withNews = [...organization.withNews];
    organization.withNews.clear();
    const { everybody, people, seconds, ...next } = await this.database.organizationRead(
      organizationId,
      (tx) => findConcerned(tx, position, [...waiters.keys()]),
    );
    organization.position = next;
    const loggedAt = seconds === null ? undefined : performance.now() - 1000 * seconds;
    const concerned = new Map<string, string[]>();
    for (const userId of everybody ? waiters.keys() : withNews) concerned.set(userId, []);
    for (const { user_id, thread_ids } of people) concerned.set(user_id, thread_ids ?? []);
    for (const [userId, threadIds] of concerned) {
      for (const waiter of waiters.get(userId) ?? []) {
        waiter.changed(threadIds, { position: next, loggedAt });
      }
    }
  }
}
