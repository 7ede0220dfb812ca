import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, PgListener } from '#database';
import { type UserIdRange, decode } from './change-notice.js';
import { PRESENCE_CHANNEL, PRESENCE_SETTINGS_CHANNEL } from './channel.js';
import { OrganizationPresence } from './organization-presence.js';
import { PresenceLeases } from './presence-leases.js';
import { findPresence } from './presence.queries.js';
import type { SignalViewer } from './signal-viewer.js';

/** Leases expire, people join and leave threads, and a NOTIFY may be lost: all without a notice. */
const SWEEP_MILLISECONDS = 4000;

/** Shows people who of the others in the threads that they have in focus is connected, to any process. */
@Injectable()
export class PresenceHub implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly organizations = new Map<string, OrganizationPresence>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly database: Database,
    private readonly leases: PresenceLeases,
    listener: PgListener,
  ) {
    listener.listen(PRESENCE_CHANNEL, {
      onNotification: (payload) => this.onNotification(payload),
      onListen: () => this.refreshAll(),
    });
    listener.listen(PRESENCE_SETTINGS_CHANNEL, {
      onNotification: (payload) => this.onSettings(decode(payload)),
      onListen: () => this.onSettings(undefined),
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.refreshAll(), SWEEP_MILLISECONDS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  focus(viewer: SignalViewer): void {
    if (viewer.threadIds.length === 0) return this.close(viewer);
    const organization = this.organizations.get(viewer.organizationId) ?? this.make(viewer.organizationId);
    this.organizations.set(viewer.organizationId, organization);
    organization.focus(viewer);
  }

  close(viewer: SignalViewer): void {
    const organization = this.organizations.get(viewer.organizationId);
    organization?.remove(viewer);
    if (organization?.isEmpty) this.organizations.delete(viewer.organizationId);
  }

  private make(organizationId: string): OrganizationPresence {
    return new OrganizationPresence((threadIds, viewerIds) =>
      this.database.organizationRead(organizationId, (tx) => findPresence(tx, threadIds, viewerIds)),
    );
  }

  private onNotification(payload: string): void {
    const notice = decode(payload);
    if (!notice) return this.refreshAll();
    for (const [organizationId, ranges] of notice) this.organizations.get(organizationId)?.refresh(ranges);
  }

  /** undefined stands for all organizations. */
  private onSettings(notice: [organizationId: string, ranges: UserIdRange[] | null][] | undefined): void {
    if (!notice) {
      this.leases.rewriteAll();
      for (const organization of this.organizations.values()) organization.settingsChanged();
    }
    for (const [organizationId, ranges] of notice ?? []) {
      this.leases.rewrite(organizationId, ranges);
      this.organizations.get(organizationId)?.settingsChanged();
    }
  }

  private refreshAll(): void {
    for (const organization of this.organizations.values()) organization.refresh(null);
  }
}
