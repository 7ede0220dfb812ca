import type { FeedPosition, NotificationRow } from '#notifications';

/** Where a stream leads: a socket, say. */
export interface FeedListener {
  /** Calls back once it has left here, or with what hindered it. */
  deliver(notification: NotificationRow, left: (error?: Error | null) => void): void;
  /** There is too much to be told one by one: from this seq on it goes on. */
  skip(seq: number): void;
  /** The person is no member any more. */
  end(): void;
}

/** What comes at once; more than that only when it has left. */
export const PAGE_SIZE = 50;

/** Whoever is so far behind loads the feed instead. */
const MAX_BEHIND = 500;

interface FeedPage {
  /** How far the feed goes. */
  lastSeq: number;
  /** The next ones, in order: a page of them where there may be more. */
  rows: NotificationRow[];
  reached: (notificationId: string) => void;
  askForMore: () => void;
}

/** What one person is told on one connection: in order, and nothing twice. */
export class FeedSubscription implements FeedPosition {
  /** Whether it waits for a page to leave. */
  isBusy = false;
  private behind = 0;

  constructor(
    readonly organizationId: string,
    readonly userId: string,
    /** All up to this seq has been told, or need not be. */
    public after: number,
    readonly outlet: FeedListener,
  ) {}

  take({ lastSeq, rows, reached, askForMore }: FeedPage): void {
    const last = rows.at(-1);
    this.isBusy = rows.length === PAGE_SIZE;
    for (const row of rows) {
      this.outlet.deliver(row, (error) => {
        if (error) return;
        reached(row.id);
        if (row !== last || !this.isBusy) return;
        this.isBusy = false;
        askForMore();
      });
    }
    // What is not shown is passed over, but not beyond a page.
    this.after = Math.max(this.after, last?.seq ?? 0, this.isBusy ? 0 : lastSeq);
    this.behind = this.isBusy ? this.behind + rows.length : 0;
    if (this.behind >= MAX_BEHIND) this.skipTo(lastSeq);
  }

  private skipTo(seq: number): void {
    this.behind = 0;
    this.after = Math.max(this.after, seq);
    this.outlet.skip(this.after);
  }
}
