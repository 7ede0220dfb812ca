import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { NotificationRow } from '#notifications';
import type { FeedListener } from '#realtime';
import { presentNotification } from '../notifications/notification.presenters.js';

export const CLOSED = {
  /** The server stops. The client should reconnect, and reaches another process. */
  goingAway: [1001, 'going away'],
  expired: [4401, 'token expired'],
  removed: [4403, 'no longer a member'],
} as const;

/** Node's timers cannot wait longer. */
const MAX_TIMER = 2 ** 31 - 1;

/** One connection of a person. Frames from the client are ignored: clients use HTTP. */
export class Socket implements FeedListener {
  /** The payload of the last ping, until the client answers it. */
  private unanswered?: Buffer;
  private readonly expiry: NodeJS.Timeout;

  constructor(
    private readonly socket: WebSocket,
    expiresAt: Date,
    onClose: () => void,
  ) {
    socket.on('error', () => socket.terminate());
    socket.on('pong', (payload) => {
      if (this.unanswered?.equals(payload)) this.unanswered = undefined;
    });
    const left = Math.min(expiresAt.getTime() - Date.now(), MAX_TIMER);
    this.expiry = setTimeout(() => this.close('expired'), left);
    socket.on('close', () => {
      clearTimeout(this.expiry);
      onClose();
    });
  }

  greet(lastSeq: number): void {
    this.send({ type: 'hello', last_seq: lastSeq });
  }

  get unsentBytes(): number {
    return this.socket.bufferedAmount;
  }

  deliver(row: NotificationRow, left: (error?: Error | null) => void): void {
    this.send({ type: 'notification', seq: row.seq, notification: presentNotification(row) }, left);
  }

  skip(seq: number): void {
    this.send({ type: 'gap', seq });
  }

  end(): void {
    this.close('removed');
  }

  close(why: keyof typeof CLOSED): void {
    const [code, reason] = CLOSED[why];
    this.socket.close(code, reason);
  }

  /** Disconnects a client that has not answered the last ping. Only who reads it knows its payload. */
  ping(): void {
    if (this.unanswered) return this.drop();
    this.unanswered = randomBytes(8);
    this.socket.ping(this.unanswered);
  }

  /** Without a close frame, which would wait behind everything unsent. */
  drop(): void {
    this.socket.terminate();
  }

  private send(frame: object, left: (error?: Error | null) => void = () => undefined): void {
    this.socket.send(JSON.stringify(frame), left);
  }
}
