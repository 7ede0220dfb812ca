import { Logger } from '@nestjs/common';
import type { FeedPosition, NotificationRow } from '#notifications';
import type { Span } from './announcement.js';
import { PAGE, type Stream } from './stream.js';

/** So many are looked for by one query. */
const AT_ONCE = 200;

export interface Found {
  /** How far the feed of each person goes; who is no member is not in it. */
  lastSeqs: Map<string, number>;
  /** Of each position what comes next, in order. */
  newer: NotificationRow[][];
}

export type Find = (positions: FeedPosition[], limit: number) => Promise<Found>;

/**
 * The people of one organization who are connected here. It looks for all who may have something new by one query,
 * and for nobody twice at the same time: so nothing is told twice, and what comes meanwhile is looked for next.
 */
export class Room {
  private readonly streams = new Map<string, Set<Stream>>();
  private readonly waiting = new Set<Stream>();
  private isLooking = false;

  constructor(
    private readonly find: Find,
    private readonly reached: (notificationId: string) => void,
  ) {}

  get isEmpty(): boolean {
    return this.streams.size === 0;
  }

  add(stream: Stream): void {
    const streams = this.streams.get(stream.userId) ?? new Set();
    this.streams.set(stream.userId, streams.add(stream));
    this.lookFor([stream.userId]);
  }

  remove(stream: Stream): void {
    this.waiting.delete(stream);
    const streams = this.streams.get(stream.userId);
    streams?.delete(stream);
    if (streams?.size === 0) this.streams.delete(stream.userId);
  }

  /** null: for all who are connected. */
  lookIn(spans: Span[] | null): void {
    const userIds = [...this.streams.keys()];
    this.lookFor(
      spans ? userIds.filter((id) => spans.some(([first, last]) => id >= first && id <= last)) : userIds,
    );
  }

  private lookFor(userIds: string[]): void {
    for (const userId of userIds) {
      for (const stream of this.streams.get(userId) ?? []) this.waiting.add(stream);
    }
    if (!this.isLooking) void this.look();
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    try {
      while (this.waiting.size > 0) await this.lookForSome(this.next());
    } catch (error) {
      // All are looked for again in a few seconds.
      new Logger('Realtime').warn(`What is new could not be read: ${String(error)}`);
    } finally {
      this.isLooking = false;
    }
  }

  /** Who is busy asks for more. */
  private next(): Stream[] {
    const some = [...this.waiting].slice(0, AT_ONCE);
    for (const stream of some) this.waiting.delete(stream);
    return some.filter(({ isBusy }) => !isBusy);
  }

  private async lookForSome(streams: Stream[]): Promise<void> {
    if (streams.length === 0) return;
    const { lastSeqs, newer } = await this.find(streams, PAGE);
    for (const [index, stream] of streams.entries()) {
      const lastSeq = lastSeqs.get(stream.userId);
      if (lastSeq === undefined) stream.outlet.end();
      else this.tell(stream, lastSeq, newer[index]!);
    }
  }

  private tell(stream: Stream, lastSeq: number, rows: NotificationRow[]): void {
    const isThere = this.streams.get(stream.userId)?.has(stream);
    if (!isThere) return;
    const askForMore = () => {
      this.waiting.add(stream);
      if (!this.isLooking) void this.look();
    };
    stream.take({ lastSeq, rows, reached: this.reached, askForMore });
  }
}
