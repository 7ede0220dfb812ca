import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Serves a folder that may be built later: the API has to know the origin before that. */
export class Pages {
  folder = '';
  private readonly server = createServer(({ url }, response) => void this.respond(url!, response));

  async start(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async respond(url: string, response: ServerResponse): Promise<void> {
    const path = url === '/' ? '/index.html' : url;
    const content = await readFile(join(this.folder, path)).catch(() => undefined);
    response.writeHead(content ? 200 : 404, { 'Content-Type': TYPES[extname(path)] ?? 'text/plain' });
    response.end(content);
  }
}
