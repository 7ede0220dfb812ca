import { Client } from 'pg';
import type { Statement } from './raw-loader.ts';

/**
 * Preloaded into a server, which then tells the process that has started it of each statement that it sends. So what
 * a route is compared with is what it does, and stays so when that changes.
 */
export interface Recorded extends Statement {
  options: string;
}

type Named = Client & { connectionParameters: { application_name?: string; options?: string } };

// oxlint-disable-next-line typescript/unbound-method -- it is called with the client that it was called on
const original = Client.prototype.query as (...given: unknown[]) => unknown;

Client.prototype.query = function query(this: Named, ...given: unknown[]) {
  const { application_name: name, options = '' } = this.connectionParameters;
  const statement = typeof given[0] === 'string' ? { text: given[0] } : (given[0] as Statement);
  if (name === 'tidings') process.send!({ ...statement, options } satisfies Recorded);
  return original.apply(this, given);
} as typeof Client.prototype.query;
