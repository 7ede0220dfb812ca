import type { FeedPosition, NotificationRow } from '#notifications';

/** The receiver of a subscription, such as a socket. */
export interface FeedListener {
  /** What the client has not read and the buffers of the connection do not hold. */
  readonly unsentBytes: number;
  /** Calls back once the notification has been sent, or with an error. */
  deliver(notification: NotificationRow, left: (error?: Error | null) => void): void;
  /** Too many notifications are waiting to be sent one by one. The subscription continues after this seq. */
  skip(seq: number): void;
  /** The person is no longer a member. */
  end(): void;
  /** The client reads too slowly. Nothing unsent is kept. */
  drop(): void;
}

/** A client that is further behind has to load the feed instead. */
const MAX_BEHIND = 500;

interface FeedPage {
  /** The last seq of the feed. */
  lastSeq: number;
  /** The next notifications, in order. */
  rows: NotificationRow[];
  /** There may be more notifications. */
  isFull: boolean;
  reached: (notificationId: string) => void;
  /** Called once the whole page has been sent, unless it is empty. */
  onSent: () => void;
}

/** The feed of one person on one connection: in order, and each notification once. */
export class FeedSubscription implements FeedPosition {
  private behind = 0;

  constructor(
    readonly organizationId: string,
    readonly userId: string,
    /** Everything up to this seq has been sent or skipped. */
    public after: number,
    readonly listener: FeedListener,
  ) {}

  take({ lastSeq, rows, isFull, reached, onSent }: FeedPage): void {
    for (const [index, row] of rows.entries()) {
      // The callback keeps the id, not the whole notification, until it is sent.
      const { id } = row;
      const isLast = index === rows.length - 1;
      this.listener.deliver(row, (error) => {
        if (error) return;
        reached(id);
        if (isLast) onSent();
      });
    }
    // Notifications that are not sent in realtime are skipped, but not beyond a page.
    this.after = Math.max(this.after, rows.at(-1)?.seq ?? 0, isFull ? 0 : lastSeq);
    this.behind = isFull ? this.behind + rows.length : 0;
    if (this.behind >= MAX_BEHIND) this.skipTo(lastSeq);
  }

  private skipTo(seq: number): void {
    this.behind = 0;
    this.after = Math.max(this.after, seq);
    this.listener.skip(this.after);
  }
}
