import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Database, PgListener, RelayPool } from '#database';
import { type TypingPair, findTypingReaders } from '#messaging';
import { TYPING_CHANNEL } from './channel.js';
import { Notifier } from './notifier.js';
import type { SignalViewer } from './signal-viewer.js';
import { type TypingNotice, decodeTyping, encodeTyping } from './typing-notice.js';

/** How long somebody types after the last frame of theirs. Clients send one every 3 seconds. */
export const TYPING_MILLISECONDS = 6000;

/** Beyond so many at the same time, "several people are typing" says enough. */
const MAX_TYPISTS = 5;

/** Shows who types to the connections that have the thread in focus. Nothing of it is stored. */
@Injectable()
export class TypingHub implements OnModuleDestroy {
  /** By organization and thread. */
  private readonly viewers = new Map<string, Set<SignalViewer>>();
  /** Who types in the threads of these viewers, and until when. */
  private readonly typists = new Map<string, Map<string, number>>();
  private readonly notifier: Notifier<TypingNotice>;

  constructor(
    private readonly database: Database,
    relay: RelayPool,
    listener: PgListener,
  ) {
    this.notifier = new Notifier(relay, TYPING_CHANNEL, encodeTyping);
    // Without LISTEN, typing is not shown: it is over before it could be made up for.
    listener.listen(TYPING_CHANNEL, { onNotification: (payload) => this.onNotification(payload) });
  }

  onModuleDestroy(): void {
    this.notifier.stop();
  }

  /** Notifies all processes, this one too. The caller has checked that the person may send to the thread. */
  add(organizationId: string, threadId: string, userId: string): void {
    this.notifier.add({ organizationId, threadId, userId });
  }

  watch(viewer: SignalViewer): void {
    for (const threadId of viewer.threadIds) {
      const key = keyOf(viewer.organizationId, threadId);
      const viewers = this.viewers.get(key) ?? new Set();
      this.viewers.set(key, viewers.add(viewer));
    }
  }

  unwatch(viewer: SignalViewer): void {
    for (const threadId of viewer.threadIds) {
      const key = keyOf(viewer.organizationId, threadId);
      const viewers = this.viewers.get(key);
      viewers?.delete(viewer);
      if (viewers?.size !== 0) continue;
      this.viewers.delete(key);
      this.typists.delete(key);
    }
  }

  private onNotification(payload: string): void {
    const shown = decodeTyping(payload).filter((notice) => this.mayShow(notice));
    for (const [organizationId, some] of Map.groupBy(shown, (notice) => notice.organizationId)) {
      this.show(organizationId, some).catch((error: unknown) =>
        new Logger('Realtime').warn(`Showing who types failed, nothing is retried: ${String(error)}`),
      );
    }
  }

  private mayShow({ organizationId, threadId, userId }: TypingNotice): boolean {
    const key = keyOf(organizationId, threadId);
    if (!this.viewers.has(key)) return false;
    const typists = this.typists.get(key) ?? new Map<string, number>();
    this.typists.set(key, typists);
    const now = performance.now();
    for (const [typistId, until] of typists) if (until < now) typists.delete(typistId);
    if (typists.size >= MAX_TYPISTS && !typists.has(userId)) return false;
    typists.set(userId, now + TYPING_MILLISECONDS);
    return true;
  }

  private async show(organizationId: string, notices: TypingNotice[]): Promise<void> {
    const pairs = new Map<string, TypingPair>();
    for (const { threadId, userId } of notices) {
      for (const { userId: readerId } of this.viewersOf(organizationId, threadId)) {
        const pair = { threadId, typistId: userId, readerId };
        if (readerId !== userId) pairs.set(pairKey(pair), pair);
      }
    }
    if (pairs.size === 0) return;
    const seen = await this.database.organizationRead(organizationId, (tx) =>
      findTypingReaders(tx, [...pairs.values()]),
    );
    const isSeen = new Set(seen.map(pairKey));
    for (const { threadId, userId: typistId } of notices) {
      for (const { userId: readerId, listener } of this.viewersOf(organizationId, threadId)) {
        if (isSeen.has(pairKey({ threadId, typistId, readerId })) && !listener.isBehind)
          listener.showTyping(threadId, typistId);
      }
    }
  }

  private viewersOf(organizationId: string, threadId: string): Iterable<SignalViewer> {
    return this.viewers.get(keyOf(organizationId, threadId)) ?? [];
  }
}

const pairKey = ({ threadId, typistId, readerId }: TypingPair): string =>
  [threadId, typistId, readerId].join(' ');

const keyOf = (organizationId: string, threadId: string): string => `${organizationId} ${threadId}`;
