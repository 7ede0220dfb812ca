import { type Socket, connect } from 'node:net';

/** What a slow client sends at once, and what it goes on to send byte by byte. */
export interface Slowness {
  /** What the server waits for. */
  waits_for: 'headers' | 'body';
  at_once: string;
  dripping?: string;
}

const HOST = 'Host: localhost\r\n';
const BODY = `${HOST}Content-Type: application/json\r\nContent-Length: 50000\r\n\r\n`;

/** Every way to take long that needs no credentials. */
export const SLOWNESSES: Record<string, Slowness> = {
  'silent from the beginning': { waits_for: 'headers', at_once: '' },
  'headers that never end': { waits_for: 'headers', at_once: `GET /api/v1/me HTTP/1.1\r\n${HOST}X-Slow: ` },
  'dripping headers': {
    waits_for: 'headers',
    at_once: `GET /docs HTTP/1.1\r\n${HOST}X-Slow: `,
    dripping: 'x',
  },
  'one byte of a body': { waits_for: 'body', at_once: `POST /api/v1/messages/send HTTP/1.1\r\n${BODY}{` },
  'a dripping body': {
    waits_for: 'body',
    at_once: `POST /api/v1/messages/send HTTP/1.1\r\n${BODY}{`,
    dripping: ' ',
  },
  'a dripping body of a public route': {
    waits_for: 'body',
    at_once: `POST /api/v1/unsubscribe/x HTTP/1.1\r\n${BODY}`,
    dripping: ' ',
  },
  'dripping chunks': {
    waits_for: 'body',
    at_once: `POST /api/v1/messages/send HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    dripping: '1\r\n \r\n',
  },
  'an upgrade that never ends': {
    waits_for: 'headers',
    at_once: `GET /api/v1/realtime HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nX-Slow: `,
    dripping: 'x',
  },
  'an answer, and then a second request that never ends': {
    waits_for: 'body',
    at_once: `GET /health/live HTTP/1.1\r\n${HOST}\r\nPOST /api/v1/messages/send HTTP/1.1\r\n${BODY}{`,
    dripping: ' ',
  },
};

export class SlowSocket {
  /** When the connection was accepted. */
  begun = performance.now();
  /** When the server has closed it. */
  closed?: number;
  received = '';
  private readonly socket: Socket;
  private timer?: NodeJS.Timeout;

  constructor(
    port: number,
    readonly what: string,
    readonly slowness: Slowness,
  ) {
    const { at_once, dripping } = slowness;
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    if (at_once) this.socket.write(at_once);
    if (dripping) this.timer = setInterval(() => this.socket.write(dripping), 500);
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    this.socket.on('connect', () => (this.begun = performance.now()));
    // It never closes its own end: the server has to.
    this.socket.on('error', () => undefined);
    this.socket.on('end', () => this.end());
    this.socket.on('close', () => this.end());
  }

  get seconds(): number | undefined {
    return this.closed && (this.closed - this.begun) / 1000;
  }

  destroy(): void {
    clearInterval(this.timer);
    this.socket.destroy();
  }

  private end(): void {
    this.closed ??= performance.now();
    clearInterval(this.timer);
  }
}
