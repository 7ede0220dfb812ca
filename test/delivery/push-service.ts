import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import { afterAll, beforeAll, expect } from 'vitest';
import { Browser } from './browser.js';

interface Pushed {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface PushAnswer {
  status: number;
  headers?: Record<string, string>;
}

/** The push service of a browser vendor. It answers 201 unless a test sets another response. */
export class PushService {
  readonly pushed: Pushed[] = [];
  private readonly answers = new Map<string, PushAnswer>();
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.pushed.push({ path: request.url!, headers: request.headers, body: Buffer.concat(chunks) });
      const { status, headers } = this.answers.get(request.url!) ?? { status: 201 };
      response.writeHead(status, headers).end();
    });
  });

  start(): Promise<void> {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  stop(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  browser = (): Browser => new Browser(this.origin);

  /** To all that comes for this browser from now on. */
  answer({ path }: Browser, status: number, headers?: Record<string, string>): void {
    this.answers.set(path, { status, headers });
  }

  to = ({ path }: Browser): Pushed[] => this.pushed.filter((one) => one.path === path);

  /** Once so many have come for this browser. */
  async reached(browser: Browser, count = 1): Promise<Pushed[]> {
    await expect.poll(() => this.to(browser), { timeout: 10_000, interval: 10 }).toHaveLength(count);
    return this.to(browser);
  }
}

export function usePushService(): PushService {
  const service = new PushService();
  beforeAll(() => service.start());
  afterAll(() => service.stop());
  return service;
}
