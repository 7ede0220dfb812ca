import { describe, expect, it, vi } from 'vitest';
import type { NotificationRow } from '#notifications';
import { type FeedListener, FeedSubscription } from '../../libs/realtime/feed-subscription.js';
import { type Find, OrganizationFeed } from '../../libs/realtime/organization-feed.js';

/** Everybody has this many notifications, with the seqs from 1. */
const IN_FEED = 30;

const rowsAfter = (after: number, limit: number): NotificationRow[] =>
  Array.from(
    { length: Math.min(limit, IN_FEED - after) },
    (_, index) => ({ id: `${after + index + 1}`, seq: after + index + 1 }) as NotificationRow,
  );

/** A client that has read what it was sent once it says so. */
class FakeListener implements FeedListener {
  unsentBytes = 0;
  readonly seqs: number[] = [];
  private readonly callbacks: (() => void)[] = [];

  deliver({ seq }: NotificationRow, left: () => void): void {
    this.seqs.push(seq);
    this.callbacks.push(left);
  }

  read(): void {
    for (const left of this.callbacks.splice(0)) left();
  }

  skip = vi.fn();
  end = vi.fn();
  drop = vi.fn();
}

function makeFeed(count: number) {
  const read: number[] = [];
  const find: Find = async (positions, limit) => {
    const newer = positions.map(({ after }) => rowsAfter(after, limit));
    read.push(newer.flat().length);
    return { lastSeqs: new Map(positions.map(({ userId }) => [userId, IN_FEED])), newer };
  };
  const feed = new OrganizationFeed(find, () => undefined);
  const listeners = Array.from({ length: count }, () => new FakeListener());
  const subscriptions = listeners.map(
    (listener, index) => new FeedSubscription('organization', `${index}`, 0, listener),
  );
  return { feed, read, listeners, subscriptions };
}

describe('the feed of an organization', () => {
  it('reads a limited number of notifications at once, and all of them in the end', async () => {
    const { feed, read, listeners, subscriptions } = makeFeed(300);
    for (const subscription of subscriptions) feed.add(subscription);
    await expect
      .poll(
        () => {
          for (const listener of listeners) listener.read();
          return listeners.every(({ seqs }) => seqs.length === IN_FEED);
        },
        { interval: 1 },
      )
      .toBe(true);
    expect(Math.max(...read)).toBeLessThanOrEqual(600);
    for (const { seqs } of listeners) expect(seqs).toEqual(rowsAfter(0, IN_FEED).map(({ seq }) => seq));
  });
});
