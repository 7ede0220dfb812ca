import { Client } from 'pg';
import { answerJobs } from './child.ts';
import { type Load, driveAtRate, driveFreely } from './load.ts';

export interface Statement {
  text: string;
  /** Prepared once a connection where it has one. */
  name?: string;
  values?: unknown[];
}

/** One transaction over and over; see limits.ts for how values differ from one to the next. */
export interface RawJob {
  url: string;
  /** Of the session: role and settings. */
  options?: string;
  statements: Statement[];
  connections: number;
  seconds: number;
  rate?: number;
}

/** Stands in a statement's values for a number from 1 to this one, the same all through a transaction. */
export interface RandomNumber {
  random: number;
}

const isRandom = (value: unknown): value is RandomNumber =>
  typeof value === 'object' && value !== null && 'random' in value;

answerJobs(async ({ url, options, statements, connections, seconds, rate }: RawJob): Promise<Load> => {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new Client({
        connectionString: url,
        options,
        pipeline: true,
        application_name: 'limit',
      });
      await client.connect();
      return client;
    }),
  );
  const workers = clients.map((client) => () => transaction(client, statements));
  try {
    await Promise.all(workers.map((worker) => worker()));
    return await (rate ? driveAtRate(workers, seconds, rate) : driveFreely(workers, seconds));
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
});

/** All of it in one packet, and waited for once: less than this no client of PostgreSQL can do. */
async function transaction(client: Client, statements: Statement[]): Promise<undefined> {
  const chance = Math.random();
  const { stream } = (client as unknown as { connection: { stream: NodeJS.WritableStream & Corkable } })
    .connection;
  stream.cork();
  const results = statements.map(({ values, ...statement }) =>
    client.query({
      ...statement,
      values: values?.map((value) => (isRandom(value) ? 1 + Math.floor(chance * value.random) : value)),
    }),
  );
  stream.uncork();
  await Promise.all(results);
}

interface Corkable {
  cork(): void;
  uncork(): void;
}
