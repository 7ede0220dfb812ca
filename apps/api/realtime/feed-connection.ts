import type { NotificationRow } from '#notifications';
import type { FeedListener } from '#realtime';
import { type NotificationResponse, presentNotification } from '../notifications/notification.presenters.js';
import { Connection } from './connection.js';

type FeedFrame =
  | { type: 'hello'; last_seq: number }
  | { type: 'notification'; seq: number; notification: NotificationResponse }
  | { type: 'gap'; seq: number };

/** A connection that gets notifications one by one, by the first protocol. Frames from the client are ignored. */
export class FeedConnection extends Connection<FeedFrame> implements FeedListener {
  readonly transport = 'websocket_v1';

  greet(lastSeq: number): void {
    this.send({ type: 'hello', last_seq: lastSeq });
  }

  deliver(row: NotificationRow, left: (error?: Error | null) => void): void {
    this.send({ type: 'notification', seq: row.seq, notification: presentNotification(row) }, left);
  }

  skip(seq: number): void {
    this.send({ type: 'gap', seq });
  }

  /** The process stops. */
  stop(): void {
    this.close('goingAway');
  }

  end(): void {
    this.close('removed');
  }
}
