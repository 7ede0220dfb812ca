import { Client, type Pool } from 'pg';
import { DataSource } from 'typeorm';
import { expect, vi } from 'vitest';
import { RelayPool } from '#database';
import type { TestApi } from './api.js';
import type { TestDatabase } from './database.js';

/** A node of a plan as EXPLAIN has it in JSON. */
export interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Subplan Name'?: string;
  'CTE Name'?: string;
  'Index Name'?: string;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Plan[];
}

export interface Executed {
  sql: string;
  plan: Plan;
}

/** What a request has PostgreSQL do. */
export interface Recording {
  statements: string[];
  /** How often it waits for PostgreSQL: what is sent without waiting goes together. */
  trips: number;
  executed: Executed[];
}

type Named = Client & { connectionParameters: { application_name?: string } };

/** The method is overloaded; ours always calls this one. */
type Query = (
  config: string | { text: string },
  values: unknown,
  answer: (...given: unknown[]) => void,
) => void;

interface Spy {
  mockImplementation(query: (this: Named, ...given: Parameters<Query>) => void): void;
  mockRestore(): void;
}

/** Looks at what the API sends while the work goes on, or its relay, and changes nothing about it. */
export async function record(
  work: () => Promise<unknown>,
  sender: 'tidings' | 'tidings relay' = 'tidings',
): Promise<Recording> {
  const recording: Recording = { statements: [], trips: 0, executed: [] };
  const underWay = new Map<Client, number>();
  // oxlint-disable-next-line typescript/unbound-method -- it is called with the client that it was called on
  const original = Client.prototype.query as Query;
  const hear = ({ message = '' }: { message?: string }) => {
    const [, json] = /plan:\n([^]*)/.exec(message) ?? [];
    if (!json) return;
    const { 'Query Text': sql, Plan: plan } = JSON.parse(json) as { 'Query Text': string; Plan: Plan };
    recording.executed.push({ sql, plan });
  };
  const spy = vi.spyOn(Client.prototype, 'query') as unknown as Spy;
  spy.mockImplementation(function (config, values, answer) {
    if (this.connectionParameters.application_name !== sender)
      return original.call(this, config, values, answer);
    if (!underWay.has(this)) this.on('notice', hear);
    const waiting = underWay.get(this) ?? 0;
    if (waiting === 0) recording.trips++;
    underWay.set(this, waiting + 1);
    recording.statements.push(typeof config === 'string' ? config : config.text);
    original.call(this, config, values, (...given) => {
      underWay.set(this, underWay.get(this)! - 1);
      answer(...given);
    });
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
    for (const client of underWay.keys()) client.off('notice', hear);
  }
  return recording;
}

/** In sessions that begin from here on PostgreSQL tells the plan of each statement as it was executed, also in functions. */
export async function explainNewSessions(database: TestDatabase): Promise<void> {
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': 0,
    'auto_explain.log_analyze': true,
    'auto_explain.log_buffers': true,
    'auto_explain.log_timing': false,
    'auto_explain.log_nested_statements': true,
    'auto_explain.log_format': 'json',
    'auto_explain.log_level': 'notice',
  };
  await database.query(`LOAD 'auto_explain'; SET auto_explain.log_min_duration = -1`);
  const [{ name }] = (await database.query<{ name: string }>('SELECT current_database() AS name')) as [
    { name: string },
  ];
  for (const [setting, value] of Object.entries(settings)) {
    await database.query(`ALTER DATABASE ${name} SET ${setting} = '${value}'`);
  }
}

/** The same for an API that runs already. */
export async function explainAll({ app, database }: TestApi): Promise<void> {
  await explainNewSessions(database);
  const { master } = app.get(DataSource).driver as unknown as { master: Pool };
  const pool = app.get(RelayPool)['pool'];
  let left = master.totalCount + pool.totalCount;
  for (const one of [master, pool]) one.on('remove', () => left--);
  // A session keeps the settings that it began with.
  await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name IN ('tidings', 'tidings relay')`,
  );
  // A pool notices a moment later, and until then would use them.
  await vi.waitUntil(() => left <= 0, { timeout: 10_000 });
}

export const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** A CTE that writes and that nothing reads is executed after the rest, and not counted there. */
export function blocksOf({ plan }: Executed): number {
  const nodes = nodesOf(plan);
  const read = new Set(nodes.map((node) => node['CTE Name']));
  const unread = nodes.filter(
    (node) => node['Subplan Name']?.startsWith('CTE ') && !read.has(node['Subplan Name'].slice(4)),
  );
  return [plan, ...unread].reduce(
    (sum, node) => sum + node['Shared Hit Blocks'] + node['Shared Read Blocks'],
    0,
  );
}

/** So often a statement is sent before its plan is looked at: what is planned once is planned by then. */
const ROUNDS = 7;

export async function recordLast(work: () => Promise<{ status: number }>): Promise<Recording> {
  const all: Recording[] = [];
  for (let time = 0; time < ROUNDS; time++) {
    all.push(await record(async () => expect((await work()).status).toBeLessThan(300)));
  }
  return all.at(-1)!;
}

/** Of what the request itself sent, functions in it included. */
export const blocks = ({ executed, statements }: Recording): number =>
  executed
    .filter(({ sql }) => statements.some((statement) => statement.includes(sql.trim())))
    .reduce((sum, one) => sum + blocksOf(one), 0);
