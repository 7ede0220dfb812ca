import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Cleanup } from './cleanup.ts';
import type { Command } from './command.ts';
import { createSendLimit } from './limit.ts';
import { measureAll } from './rows.ts';
import type { Row } from './measuring.ts';
import { table } from './report.ts';
import { SIZES } from './seeding.ts';
import { createWorld } from './world.ts';

const RESULT = fileURLToPath(new URL('../../.tidings/bench.json', import.meta.url));

/** Beside the table, so that the output can be kept. */
const say = (text: string): void => console.error(text);

export async function benchmark(command: Command): Promise<void> {
  const cleanup = new Cleanup();
  await cleanup.after(() => measure(command, cleanup));
}

async function measure({ mode, values }: Command, cleanup: Cleanup): Promise<void> {
  const machine = {
    processors: `${availableParallelism()} of ${cpus()[0]?.model}`,
    node: process.version,
    loadBefore: loadavg().map((load) => load.toFixed(1)),
  };
  const begun = performance.now();
  const world = await createWorld(cleanup, SIZES[mode], say);
  const { limit, by } = await createSendLimit(world, { mayUsePgbench: !values['without-pgbench'] });
  const rows: Row[] = [];
  for await (const row of measureAll(world, cleanup, { mode, limit, only: values.only?.split(',') })) {
    rows.push(row);
    say(`${Math.round((performance.now() - begun) / 1000)} s: ${row.operation}`);
  }
  const version = (await world.database.query<{ server_version: string }>('SHOW server_version')).rows[0]!;
  const result = {
    mode,
    at: new Date(),
    ...machine,
    postgres: version.server_version,
    limitOfSendsBy: by,
    rows,
  };
  await writeFile(RESULT, JSON.stringify(result, null, 2));
  if (values.json) console.log(JSON.stringify(result, null, 2));
  else printTable(result);
  if (world.server.logged.includes('"level"')) {
    throw new Error(`The server complained: ${world.server.logged}`);
  }
}

function printTable(result: {
  rows: Row[];
  limitOfSendsBy: string;
  processors: string;
  postgres: string;
}): void {
  const { rows, limitOfSendsBy, processors, postgres } = result;
  console.log(
    `\n${processors}, Node ${process.version}, PostgreSQL ${postgres}; limit of sends by ${limitOfSendsBy}\n`,
  );
  console.log(table(rows));
  for (const { operation, note } of rows) if (note) console.log(`\n${operation}: ${note}`);
  console.log(`\nAll of it as JSON: ${RESULT}`);
}
