import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, RelayPool } from '#database';
import { type OrganizationNotice, type UserIdRange, encodeAll, rangesOf } from './change-notice.js';
import { PRESENCE_CHANNEL } from './channel.js';
import { Notifier } from './notifier.js';
import { OrganizationLeases } from './organization-leases.js';
import { renewLeases, saveLeases } from './presence.queries.js';

const RENEW_MILLISECONDS = 30_000;
const RETRY_MILLISECONDS = 5000;

/** The leases of the people who are connected to this process. */
@Injectable()
export class PresenceLeases implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly processId = randomUUID();
  private readonly organizations = new Map<string, OrganizationLeases>();
  private readonly notifier: Notifier<OrganizationNotice>;
  private readonly stopped = new AbortController();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly database: Database,
    private readonly relay: RelayPool,
  ) {
    this.notifier = new Notifier(relay, PRESENCE_CHANNEL, encodeAll);
  }

  onApplicationBootstrap(): void {
    this.renewIn(RENEW_MILLISECONDS);
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
    this.stopped.abort();
    this.notifier.stop();
  }

  /** The state of a connection. undefined closes it. */
  set(organizationId: string, userId: string, connection: object, state?: 'online' | 'away'): void {
    const leases = this.organizations.get(organizationId) ?? this.makeLeases(organizationId);
    this.organizations.set(organizationId, leases);
    leases.set(userId, connection, state);
    this.forgetEmpty(organizationId);
  }

  detach(organizationId: string, userId: string, connection: object): void {
    this.organizations.get(organizationId)?.detach(userId, connection);
  }

  rewrite(organizationId: string, ranges: UserIdRange[] | null): void {
    this.organizations.get(organizationId)?.rewrite(ranges);
  }

  rewriteAll(): void {
    for (const leases of this.organizations.values()) leases.rewrite(null);
  }

  private makeLeases(organizationId: string): OrganizationLeases {
    return new OrganizationLeases(
      (states) =>
        this.database.organizationTransaction(organizationId, (tx) => saveLeases(tx, this.processId, states)),
      (userIds) => this.notifier.add([organizationId, rangesOf(userIds)]),
      this.stopped.signal,
    );
  }

  private forgetEmpty(organizationId: string): void {
    if (this.organizations.get(organizationId)?.isEmpty) this.organizations.delete(organizationId);
  }

  private renewIn(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.renew(), milliseconds);
  }

  /** If some have expired, or PostgreSQL has crashed, which empties the table, all are written again. */
  private async renew(): Promise<void> {
    for (const organizationId of this.organizations.keys()) this.forgetEmpty(organizationId);
    const counts = [...this.organizations.values()].map(({ count }) => count);
    const expected = counts.reduce((sum, count) => sum + count, 0);
    try {
      if (expected > 0 && (await renewLeases(this.relay, this.processId)) < expected) this.rewriteAll();
      this.renewIn(RENEW_MILLISECONDS);
    } catch (error) {
      new Logger('Realtime').warn(`Renewing presence failed, retrying in 5 s: ${String(error)}`);
      this.renewIn(RETRY_MILLISECONDS);
    }
  }
}
