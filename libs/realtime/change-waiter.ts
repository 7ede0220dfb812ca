import { setTimeout as delay } from 'node:timers/promises';
import type { Position } from '#change-log';
import { type WokenChanges, noChanges, withLater } from './woken-changes.js';

export type LogPosition = Pick<Position, 'snapshot' | 'takenAt'>;

/** What a waiter is woken for. */
export interface Wake {
  /** All that changed for the person up to the position. */
  changes: WokenChanges;
  position: LogPosition;
  /** When the first change of the organization was logged, on the clock of performance.now(). */
  loggedAt?: number;
}

/** A person on one connection, who waits for changes that concern them. */
export class ChangeWaiter {
  /** The last notification that was looked at. */
  feedSeq = 0;
  private changes = noChanges();
  private position?: LogPosition;
  private loggedAt?: number;
  private wake?: () => void;

  constructor(
    readonly organizationId: string,
    readonly userId: string,
  ) {}

  changed({ changes, position, loggedAt }: Wake): void {
    this.changes = withLater(this.changes, changes);
    this.position = position;
    this.loggedAt ??= loggedAt;
    this.wake?.();
  }

  /** Returns what changed since the last call, or undefined if nothing did within the time. */
  async next(milliseconds: number, signal: AbortSignal): Promise<Wake | undefined> {
    if (!this.position) {
      const timer = new AbortController();
      await Promise.race([
        delay(milliseconds, undefined, { ref: false, signal: AbortSignal.any([signal, timer.signal]) }),
        new Promise<void>((resolve) => {
          this.wake = resolve;
        }),
      ]).catch(() => undefined);
      timer.abort();
      this.wake = undefined;
    }
    const { changes, position, loggedAt } = this;
    if (!position) return undefined;
    this.position = undefined;
    this.loggedAt = undefined;
    this.changes = noChanges();
    return { changes, position, loggedAt };
  }
}
