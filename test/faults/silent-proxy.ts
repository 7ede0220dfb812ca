import { type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';

/**
 * Stands between Tidings and PostgreSQL. Once it is told to, it goes silent as a host does that disappears: the
 * connections that there are stay open, what is sent to them is swallowed, and nothing ever comes back. New ones work.
 */
export class SilentProxy {
  private readonly pairs = new Set<[Socket, Socket]>();
  private readonly server = createServer((client) => this.accept(client));

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
    const silenced = this.pairs.size;
    for (const [client, server] of this.pairs) {
      client.unpipe(server);
      server.unpipe(client);
      client.resume();
      server.resume();
    }
    return silenced;
  }

  stop(): void {
    this.server.close();
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
  }

  private accept(client: Socket): void {
    client.allowHalfOpen = true;
    const server = connect(Number(this.target.port), this.target.hostname);
    const pair: [Socket, Socket] = [client, server];
    this.pairs.add(pair);
    for (const socket of pair) socket.on('error', () => undefined);
    client.on('close', () => {
      this.pairs.delete(pair);
      server.destroy();
    });
    client.pipe(server);
    server.pipe(client, { end: false });
  }
}
