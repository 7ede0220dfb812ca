import type { ClaimedEvent, Share } from '#outbox';

/** How many events a relay holds at once: of one organization, so that others have room, and of all. */
const MAX_OF_ORGANIZATION = 100;
const MAX = 200;

/** The events that this relay has claimed and not finished. */
export class InFlight {
  private readonly events = new Set<ClaimedEvent>();
  private readonly counts = new Map<string, number>();

  get all(): ClaimedEvent[] {
    return [...this.events];
  }

  get size(): number {
    return this.events.size;
  }

  add(event: ClaimedEvent): void {
    this.events.add(event);
    this.counts.set(event.organizationId, this.of(event.organizationId) + 1);
  }

  delete(event: ClaimedEvent): void {
    if (!this.events.delete(event)) return;
    const left = this.of(event.organizationId) - 1;
    if (left === 0) this.counts.delete(event.organizationId);
    else this.counts.set(event.organizationId, left);
  }

  /** Divides what room there is between the organizations; those that hold the fewest events come first. */
  share(organizationIds: string[]): Share[] {
    const open = organizationIds
      .filter((id) => this.of(id) < MAX_OF_ORGANIZATION)
      .toSorted((one, other) => this.of(one) - this.of(other));
    let room = MAX - this.size;
    const each = Math.max(1, Math.floor(room / open.length));
    const shares: Share[] = [];
    for (const organizationId of open) {
      const limit = Math.min(each, room, MAX_OF_ORGANIZATION - this.of(organizationId));
      if (limit === 0) break;
      shares.push({ organizationId, limit });
      room -= limit;
    }
    return shares;
  }

  private of(organizationId: string): number {
    return this.counts.get(organizationId) ?? 0;
  }
}
