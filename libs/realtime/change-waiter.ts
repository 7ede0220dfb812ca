import { setTimeout as delay } from 'node:timers/promises';
import type { Position } from '#change-log';

export type LogPosition = Pick<Position, 'snapshot' | 'takenAt'>;

/** What a waiter is woken for. */
export interface Wake {
  /** All threads of the person that changed up to the position. */
  threadIds: string[];
  position: LogPosition;
}

/** A person on one connection, who waits for changes that concern them. */
export class ChangeWaiter {
  /** The last notification that was looked at. */
  feedSeq = 0;
  private readonly threadIds = new Set<string>();
  private position?: LogPosition;
  private wake?: () => void;

  constructor(
    readonly organizationId: string,
    readonly userId: string,
  ) {}

  changed(threadIds: string[], position: LogPosition): void {
    for (const threadId of threadIds) this.threadIds.add(threadId);
    this.position = position;
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
    const { position } = this;
    if (!position) return undefined;
    this.position = undefined;
    const threadIds = [...this.threadIds];
    this.threadIds.clear();
    return { threadIds, position };
  }
}
