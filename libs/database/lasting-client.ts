import { Client, type ClientConfig, type QueryResult } from 'pg';

type Answer = (error: Error | null, result: QueryResult) => void;

/**
 * A connection that can be lost without harm. While one is handed out, between the pool's listener for errors and
 * its borrower's, there is a moment with none, and an error event without a listener ends the process; whoever
 * waits for an answer is told in any case.
 */
export class LastingClient extends Client {
  private readonly patience?: number;

  constructor({ query_timeout, ...config }: ClientConfig = {}) {
    super(config);
    this.patience = query_timeout;
    this.on('error', () => undefined);
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
    super.query(config, values!, (error: Error | null, result) => {
      if (timer) clearTimeout(timer);
      answer(error, result);
    });
  }

  /** Where nothing is answered at all: PostgreSQL's own time limits do not hold then. */
  private giveUp(): void {
    const error = new Error('PostgreSQL does not answer.');
    this.connection.stream.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  }
}
