import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { RealtimeMetrics, Transport } from './realtime-metrics.js';

export const CLOSED = {
  /** The server stops. The client should reconnect, and reaches another process. */
  goingAway: [1001, 'going away'],
  invalidFrame: [4400, 'invalid frame'],
  expired: [4401, 'token expired'],
  removed: [4403, 'no longer a member'],
  tooManyFrames: [4429, 'too many frames'],
} as const;

/** Node's timers cannot wait longer. */
const MAX_TIMER = 2 ** 31 - 1;

/** Calls back once the token of a connection expires. */
export const onExpiry = (expiresAt: Date, expire: () => void): NodeJS.Timeout =>
  setTimeout(expire, Math.min(expiresAt.getTime() - Date.now(), MAX_TIMER));

/** A WebSocket of a person, until their token expires. */
export abstract class Connection<Frame extends { type: string }> {
  abstract readonly transport: Transport;
  /** The payload of the last ping, until the client answers it. */
  private unanswered?: Buffer;
  private readonly expiry: NodeJS.Timeout;

  constructor(
    readonly socket: WebSocket,
    expiresAt: Date,
    protected readonly metrics: RealtimeMetrics,
    onClose: () => void,
  ) {
    socket.on('error', () => socket.terminate());
    socket.on('pong', (payload) => {
      if (this.unanswered?.equals(payload)) this.unanswered = undefined;
    });
    this.expiry = onExpiry(expiresAt, () => this.close('expired'));
    socket.on('close', () => {
      clearTimeout(this.expiry);
      onClose();
    });
  }

  get unsentBytes(): number {
    return this.socket.bufferedAmount;
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

  send(frame: Frame, left: (error?: Error | null) => void = () => undefined): void {
    this.metrics.framed(this.transport, frame.type);
    this.socket.send(JSON.stringify(frame), left);
  }
}
