import type { Answer } from '../support/http.js';
import type { Server } from '../support/process.js';
import type { Target } from './senders.js';

const PROBE_MILLISECONDS = 200;

/**
 * Stands in front of servers as any balancer does: sends to those that were ready when they were last asked, or to
 * any where none was, and turns to another where a connection is refused, since nothing has been sent then.
 */
export class Balancer implements Target {
  private readonly ready = new Map<Server, boolean>();
  private readonly timer = setInterval(() => this.probe(), PROBE_MILLISECONDS);
  private turn = 0;

  add(server: Server): void {
    this.ready.set(server, true);
  }

  remove(server: Server): void {
    this.ready.delete(server);
  }

  async send(...request: Parameters<Target['send']>): Promise<Answer> {
    let refusal: unknown;
    for (const server of this.inTurn()) {
      try {
        return await server.send(...request);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private inTurn(): Server[] {
    const all = [...this.ready.keys()];
    const ready = all.filter((server) => this.ready.get(server));
    const some = ready.length > 0 ? ready : all;
    const first = this.turn++ % some.length;
    return [...some.slice(first), ...some.slice(0, first)];
  }

  private probe(): void {
    for (const server of this.ready.keys()) {
      const note = (isReady: boolean) => {
        if (this.ready.has(server)) this.ready.set(server, isReady);
      };
      server.send('GET', '/health/ready').then(
        ({ status }) => note(status === 200),
        () => note(false),
      );
    }
  }
}
