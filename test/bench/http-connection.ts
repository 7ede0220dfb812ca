import { type Socket, connect } from 'node:net';

export interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: unknown;
}

export interface Answer {
  status: number;
  /** The lines before the body. */
  head: string;
  body: string;
}

/** The bytes of a request, made once and sent often. */
export function bytesOf({ method, path, headers, body }: Request): string {
  const payload = body === undefined ? '' : JSON.stringify(body);
  const lines = Object.entries({
    Host: 'localhost',
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
    ...((body !== undefined || method !== 'GET') && { 'Content-Length': String(Buffer.byteLength(payload)) }),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${payload}`;
}

/**
 * HTTP over one connection that stays open, a request at a time. Plain sockets: node:http takes a third of a core
 * for what one server can answer, and the server and PostgreSQL would miss that.
 */
export class HttpConnection {
  private readonly socket: Socket;
  private received: Buffer = Buffer.alloc(0);
  private answered?: (answer: Answer) => void;
  private failed?: (error: Error) => void;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk) => this.hear(chunk));
    this.socket.on('error', (error) => this.failed?.(error));
    this.socket.on('close', () => this.failed?.(new Error('The connection was closed.')));
  }

  send(bytes: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
      this.socket.write(bytes);
    });
  }

  close(): void {
    this.failed = undefined;
    this.socket.destroy();
  }

  private hear(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.received.toString('latin1', 0, headEnd);
    const status = Number(head.slice(9, 12));
    const [, length = status === 204 ? '0' : undefined] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    if (length === undefined) this.failed?.(new Error(`An answer without Content-Length: ${head}`));
    const end = headEnd + 4 + Number(length);
    if (this.received.length < end) return;
    const body = this.received.toString('utf8', headEnd + 4, end);
    this.received = this.received.subarray(end);
    this.answered?.({ status, head, body });
  }
}
