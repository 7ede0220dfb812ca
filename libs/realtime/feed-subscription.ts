import type { FeedPosition, NotificationRow } from '#notifications';

/** The receiver of a subscription, such as a socket. */
export interface FeedListener {
  /** Calls back once the notification has been sent, or with an error. */
  deliver(notification: NotificationRow, left: (error?: Error | null) => void): void;
  /** Too many notifications are waiting to be sent one by one. The subscription continues after this seq. */
  skip(seq: number): void;
  /** The person is no longer a member. */
  end(): void;
}

/** How many notifications are sent at once. The next ones follow when these have been sent. */
export const PAGE_SIZE = 50;

/** A client that is further behind has to load the feed instead. */
const MAX_BEHIND = 500;

interface FeedPage {
  /** The last seq of the feed. */
  lastSeq: number;
  /** The next notifications, in order. A full page means that there may be more. */
  rows: NotificationRow[];
  reached: (notificationId: string) => void;
  askForMore: () => void;
}

/** The feed of one person on one connection: in order, and each notification once. */
export class FeedSubscription implements FeedPosition {
  /** Whether it waits until a page has been sent. */
  isBusy = false;
  private behind = 0;

  constructor(
    readonly organizationId: string,
    readonly userId: string,
    /** Everything up to this seq has been sent or skipped. */
    public after: number,
    readonly listener: FeedListener,
  ) {}

  take({ lastSeq, rows, reached, askForMore }: FeedPage): void {
    const last = rows.at(-1);
    this.isBusy = rows.length === PAGE_SIZE;
    for (const row of rows) {
      this.listener.deliver(row, (error) => {
        if (error) return;
        reached(row.id);
        if (row !== last || !this.isBusy) return;
        this.isBusy = false;
        askForMore();
      });
    }
    // Notifications that are not sent in realtime are skipped, but not beyond a page.
    this.after = Math.max(this.after, last?.seq ?? 0, this.isBusy ? 0 : lastSeq);
    this.behind = this.isBusy ? this.behind + rows.length : 0;
    if (this.behind >= MAX_BEHIND) this.skipTo(lastSeq);
  }

  private skipTo(seq: number): void {
    this.behind = 0;
    this.after = Math.max(this.after, seq);
    this.listener.skip(this.after);
  }
}
