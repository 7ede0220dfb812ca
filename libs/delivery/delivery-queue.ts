import { setTimeout as delay } from 'node:timers/promises';
import { NIL } from 'uuid';
import { WakeSignal } from '#batching';
import type { ClaimRequest, ClaimedRow, Claims } from './queue-claims.queries.js';
import type { Share } from './queue-shares.js';

export type QueuePriority = 'urgent' | 'normal';

/** What is sent at once: a delivery, or all deliveries of a digest. */
export type Unit = [ClaimedRow, ...ClaimedRow[]];

export interface QueueOptions {
  share: Share;
  /** In order of priority. */
  priorities: QueuePriority[];
  claim: (request: ClaimRequest) => Promise<Claims>;
  /** Groups claimed rows into units: each alone, or those of one person together. */
  unitsOf: (rows: ClaimedRow[]) => Unit[];
  /** Sends a unit. The signal aborts when the process stops. */
  handle: (unit: Unit, signal: AbortSignal) => Promise<void>;
  warn: (problem: string) => void;
}

const POLL_MILLISECONDS = 1000;

/** The pause between two parts of a scan over many organizations. */
const PART_MILLISECONDS = 20;

/** How long a stop waits for sends in progress before it aborts them. */
const STOP_MILLISECONDS = 4000;

/** Claims due deliveries as soon as a slot is free, and sends them, urgent ones first. */
export class DeliveryQueue {
  private readonly wakeSignal = new WakeSignal();
  private readonly inProgress = new Set<Promise<void>>();
  /** How many deliveries each organization has in progress, for urgent and normal ones. */
  private readonly perOrganization = { urgent: new Map<string, number>(), normal: new Map<string, number>() };
  private readonly cursors: Record<QueuePriority, string> = { urgent: NIL, normal: NIL };
  private readonly stopping = new AbortController();
  private isStopping = false;
  private running?: Promise<void>;

  constructor(private readonly options: QueueOptions) {}

  get size(): number {
    return this.inProgress.size;
  }

  start(): void {
    this.running = this.run();
  }

  /** Announces new deliveries. A missed nudge delays them by a second. */
  nudge(): void {
    this.wakeSignal.ring();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.wakeSignal.ring();
    await this.running;
    const all = Promise.all(this.inProgress);
    await Promise.race([all, delay(STOP_MILLISECONDS, undefined, { ref: false })]);
    this.stopping.abort(new Error('The worker is stopping.'));
    await all;
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      this.wakeSignal.reset();
      const isComplete = await this.fill().catch((error: unknown) => {
        this.options.warn(`Claiming due deliveries failed, retrying in 1 s: ${String(error)}`);
        return true;
      });
      await this.wakeSignal.wait(isComplete ? POLL_MILLISECONDS : PART_MILLISECONDS);
    }
  }

  /** Returns false if some organizations have not been scanned yet. */
  private async fill(): Promise<boolean> {
    let isComplete = true;
    for (const priority of this.options.priorities) {
      if (!(await this.claim(priority))) isComplete = false;
    }
    return isComplete;
  }

  private async claim(priority: QueuePriority): Promise<boolean> {
    const { total, normal } = this.options.share;
    const limit = (priority === 'urgent' ? total : normal) - this.size;
    if (limit <= 0 || this.isStopping) return true;
    const { rows, cursor } = await this.options.claim({
      urgent: priority === 'urgent',
      limit,
      organizationLimit: this.options.share.perOrganization,
      inProgress: this.perOrganization[priority],
      cursor: this.cursors[priority],
    });
    for (const unit of this.options.unitsOf(rows)) this.take(unit, this.perOrganization[priority]);
    const isComplete = cursor === null && this.cursors[priority] === NIL;
    this.cursors[priority] = cursor ?? NIL;
    return isComplete;
  }

  private take(unit: Unit, counts: Map<string, number>): void {
    const organizationId = unit[0].organization_id;
    counts.set(organizationId, (counts.get(organizationId) ?? 0) + 1);
    const work = this.handle(unit).finally(() => {
      this.inProgress.delete(work);
      const left = counts.get(organizationId)! - 1;
      if (left === 0) counts.delete(organizationId);
      else counts.set(organizationId, left);
      this.wakeSignal.ring();
    });
    this.inProgress.add(work);
  }

  /**
   * If the outcome cannot be recorded, because the database is unavailable, the delivery is due again when its lease
   * ends.
   */
  private async handle(unit: Unit): Promise<void> {
    try {
      await this.options.handle(unit, this.stopping.signal);
    } catch (error) {
      if (!this.stopping.signal.aborted)
        this.options.warn(`A delivery failed, retrying when its lease ends: ${String(error)}`);
    }
  }
}
