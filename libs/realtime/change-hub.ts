import { Injectable, Logger } from '@nestjs/common';
import { findConcerned, findPosition } from '#change-log';
import { CommitSignal, Database, RelayPool } from '#database';
import { findLastSeqs } from '#notifications';
import type { UserIdRange } from './change-notice.js';
import { ChangeWaiter, type LogPosition } from './change-waiter.js';
import { changesByPerson, noChanges } from './woken-changes.js';

/** The people of one organization who wait in this process. */
interface Organization {
  /** Everything up to here has been looked at. */
  position: LogPosition;
  waiters: Map<string, Set<ChangeWaiter>>;
  /** People who may have something new in their feeds. */
  withNews: Set<string>;
  /** The feeds of all of them are to be looked at. */
  isSweepDue: boolean;
  isReading: boolean;
  /** The query that is running, or was the last one. */
  query?: Promise<void>;
  /** Something was committed while it was reading. */
  isBehind: boolean;
}

/**
 * Wakes the people of this process whom a change concerns. One query for each organization looks for all of them, at
 * once if none is running, and once after it for everything committed meanwhile. They then read what changed, as they
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
      isSweepDue: false,
      isReading: false,
      isBehind: false,
    };
    this.organizations.set(organizationId, organization);
    const waiter = new ChangeWaiter(organizationId, userId);
    const waiters = organization.waiters.get(userId) ?? new Set();
    organization.waiters.set(userId, waiters.add(waiter));
    // A query that began before does not look for this person, and may see more than the caller's next read would. Those
    // that follow do: while many commit, one follows the other without end.
    await organization.query?.catch(() => undefined);
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
    if (!organization.isReading) void this.read(organizationId, organization);
  }

  /** A notice may be lost. The log does not contain new notifications, so this looks at the feeds too. */
  refreshAll(): void {
    for (const [organizationId, organization] of this.organizations) {
      organization.isSweepDue = true;
      this.refresh(organizationId, []);
    }
  }

  private async read(organizationId: string, organization: Organization): Promise<void> {
    organization.isReading = true;
    try {
      while (organization.isBehind && organization.waiters.size > 0) {
        organization.isBehind = false;
        organization.query = this.readOnce(organizationId, organization);
        await organization.query;
      }
    } catch (error) {
      new Logger('Realtime').warn(`Reading changes failed, retrying within 4 s: ${String(error)}`);
    } finally {
      organization.isReading = false;
    }
  }

  private async readOnce(organizationId: string, organization: Organization): Promise<void> {
    const { waiters, position, isSweepDue } = organization;
    const userIds = [...waiters.keys()];
    const withNews = isSweepDue ? userIds : [...organization.withNews];
    organization.withNews.clear();
    organization.isSweepDue = false;
    const [found, lastSeqs] = await this.database.organizationRead(organizationId, (tx) =>
      Promise.all([
        findConcerned(tx, position, userIds),
        withNews.length > 0 ? findLastSeqs(tx, withNews) : new Map<string, number>(),
      ]),
    );
    const { snapshot, takenAt, seconds, everybody } = found;
    organization.position = { snapshot, takenAt };
    const loggedAt = seconds === null ? undefined : performance.now() - 1000 * seconds;
    const concerned = changesByPerson(found);
    for (const userId of everybody ? waiters.keys() : lastSeqs.keys()) {
      const changes = concerned.get(userId) ?? noChanges();
      concerned.set(userId, {
        ...changes,
        lastSeq: lastSeqs.get(userId) ?? 0,
        mustLook: changes.mustLook || everybody,
      });
    }
    for (const [userId, changes] of concerned) {
      for (const waiter of waiters.get(userId) ?? []) {
        waiter.changed({ changes, position: { snapshot, takenAt }, loggedAt });
      }
    }
  }
}
