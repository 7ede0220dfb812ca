import { type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';

/**
 * Stands between Tidings and PostgreSQL. Once it is told to, it goes silent as a host does that disappears: the
 * connections that there are stay open, what is sent to them is swallowed, and nothing ever comes back. New ones work,
 * unless it is told to be silent to those as well.
 */
export class SilentProxy {
  private readonly pairs = new Set<[Socket, Socket]>();
  private readonly silenced = new WeakSet<Socket>();
  isSilentToNew = false;
  private readonly server = createServer({ allowHalfOpen: true }, (client) => this.accept(client));

  private constructor(private readonly target: URL) {}

  static async start(target: string): Promise<SilentProxy> {
    const proxy = new SilentProxy(new URL(target));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    const { port } = this.server.address() as { port: number };
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(port);
    return url.href;
  }

  /** How many connections go silent. */
  silence(): number {
    const fresh = [...this.pairs].filter(([client]) => !this.silenced.has(client));
    for (const [client, server] of fresh) {
      this.silenced.add(client);
      client.unpipe(server);
      server.unpipe(client);
      client.resume();
      server.resume();
    }
    return fresh.length;
  }

  /** Breaks the connections that there are. */
  cut(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
  }

  stop(): void {
    this.server.close();
    this.cut();
  }

  private accept(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    const pair: [Socket, Socket] = [client, server];
    this.pairs.add(pair);
    for (const socket of pair) socket.on('error', () => undefined);
    client.on('close', () => {
      this.pairs.delete(pair);
      server.destroy();
    });
    client.on('end', () => {
      if (this.silenced.has(client)) client.destroy();
      else server.end();
    });
    server.on('end', () => {
      if (!this.silenced.has(client)) client.end();
    });
    if (this.isSilentToNew) {
      this.silenced.add(client);
      client.resume();
      return;
    }
    client.pipe(server, { end: false });
    server.pipe(client, { end: false });
  }
}
