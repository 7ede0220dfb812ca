import { Client, type ClientConfig, type QueryResult } from 'pg';

/**
 * After this time without traffic, TCP probes the other host every second, and gives up after ten unanswered probes.
 */
const KEEPALIVE_MILLISECONDS = 5000;

/** How long closing a connection may take. */
const END_MILLISECONDS = 1000;

type QueryCallback = (error: Error | null, result: QueryResult) => void;

/**
 * A connection whose loss never ends the process. While the pool lends it there is a moment without a listener
 * for errors, between the pool's and the borrower's, and an error event without a listener ends the process. A
 * borrower that waits for a response gets the error in any case.
 */
export class ResilientClient extends Client {
  private readonly queryTimeout?: number;
  private readonly siblings: Set<ResilientClient>;
  private underWay = 0;

  constructor({ query_timeout, ...config }: ClientConfig = {}) {
    super({ ...config, keepAlive: true, keepAliveInitialDelayMillis: KEEPALIVE_MILLISECONDS });
    this.queryTimeout = query_timeout;
    this.on('error', () => undefined);
    this.siblings = siblingsOf(`${config.application_name} ${config.connectionString}`);
    this.siblings.add(this);
    this.once('end', () => this.siblings.delete(this));
  }

  /** A host that is gone never confirms the end, so it is only waited for briefly. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as wide as its overloads together
  override end(callback?: any): any {
    const timer = setTimeout(() => this.connection.stream.destroy(), END_MILLISECONDS).unref();
    this.once('end', () => clearTimeout(timer));
    return callback ? super.end(callback) : super.end();
  }

  /**
   * Replaces pg's query(), which assigns a function to a property of each query. V8 treats it as a method and
   * allocates it in old space, so everything that it references, a request with its response, would live until a full
   * garbage collection.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- as wide as its overloads together
  override query(config: any, values?: any, answer?: any): any {
    if (typeof values === 'function') return this.ask(config, undefined, values as QueryCallback);
    if (answer) return this.ask(config, values, answer as QueryCallback);
    return new Promise<QueryResult>((resolve, reject) => {
      this.ask(config, values, (error, result) => (error ? reject(error) : resolve(result)));
    }).catch((error: Error) => {
      // Gives the error a stack that leads to the caller rather than to a socket.
      Error.captureStackTrace(error);
      throw error;
    });
  }

  private ask(config: string, values: unknown[] | undefined, answer: QueryCallback): void {
    const timer = this.queryTimeout && setTimeout(() => this.giveUp(), this.queryTimeout);
    this.underWay++;
    super.query(config, values!, (error: Error | null, result) => {
      this.underWay--;
      if (timer) clearTimeout(timer);
      answer(error, result);
    });
  }

  /**
   * Called if nothing is answered: PostgreSQL's own timeouts do not help then. Idle connections of the same pool go
   * to the same host and are closed too, because each would cost a query its whole timeout.
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
