import { Client, type ClientConfig, type QueryResult } from 'pg';

/** After so long without traffic TCP probes the other host, every second, and gives up after ten unanswered probes. */
const KEEPALIVE_MILLISECONDS = 5000;

/** How long the end of a connection may take. */
const END_MILLISECONDS = 1000;

type Answer = (error: Error | null, result: QueryResult) => void;

/**
 * A connection that can be lost without harm. While one is handed out, between the pool's listener for errors and
 * its borrower's, there is a moment with none, and an error event without a listener ends the process; whoever
 * waits for an answer is told in any case.
 */
export class ResilientClient extends Client {
  private readonly patience?: number;
  private readonly siblings: Set<ResilientClient>;
  private underWay = 0;

  constructor({ query_timeout, ...config }: ClientConfig = {}) {
    super({ ...config, keepAlive: true, keepAliveInitialDelayMillis: KEEPALIVE_MILLISECONDS });
    this.patience = query_timeout;
    this.on('error', () => undefined);
    this.siblings = siblingsOf(`${config.application_name} ${config.connectionString}`);
    this.siblings.add(this);
    this.once('end', () => this.siblings.delete(this));
  }

  /** A host that is gone never confirms the end: it is not waited for. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as wide as its overloads together
  override end(callback?: any): any {
    const timer = setTimeout(() => this.connection.stream.destroy(), END_MILLISECONDS).unref();
    this.once('end', () => clearTimeout(timer));
    return callback ? super.end(callback) : super.end();
  }

  /**
   * As pg's, which assigns a function to a property of each query. V8 takes such a one for a method and puts it among
   * what is old already: all that it can reach, a request with its answer, lasts until all garbage is collected.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- as wide as its overloads together
  override query(config: any, values?: any, answer?: any): any {
    if (typeof values === 'function') return this.ask(config, undefined, values as Answer);
    if (answer) return this.ask(config, values, answer as Answer);
    return new Promise<QueryResult>((resolve, reject) => {
      this.ask(config, values, (error, result) => (error ? reject(error) : resolve(result)));
    }).catch((error: Error) => {
      // For a stack that leads to who asked rather than to a socket.
      Error.captureStackTrace(error);
      throw error;
    });
  }

  private ask(config: string, values: unknown[] | undefined, answer: Answer): void {
    const timer = this.patience && setTimeout(() => this.giveUp(), this.patience);
    this.underWay++;
    super.query(config, values!, (error: Error | null, result) => {
      this.underWay--;
      if (timer) clearTimeout(timer);
      answer(error, result);
    });
  }

  /**
   * Where nothing is answered at all: PostgreSQL's own time limits do not hold then. Connections of the same pool that
   * are idle go to the same host: they are given up too, or each would cost a query its whole time limit.
   */
  private giveUp(): void {
    for (const sibling of this.siblings) if (sibling.underWay === 0) sibling.destroy();
    this.destroy();
  }

  private destroy(): void {
    const error = new Error('PostgreSQL does not answer.');
    this.connection.stream.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  }
}

const families = new Map<string, Set<ResilientClient>>();

/** The open connections for one purpose to one address. */
function siblingsOf(name: string): Set<ResilientClient> {
  const siblings = families.get(name) ?? new Set();
  families.set(name, siblings);
  return siblings;
}
