import { DatabaseError, Pool } from 'pg';

const UNDEFINED_TABLE = '42P01';
const UNDEFINED_COLUMN = '42703';

/** Write to every table that there is, in turn, whatever has become of those before. */
export class Writers {
  longest = 0;
  written = 0;
  readonly failed: string[] = [];
  private readonly pool: Pool;
  private readonly underWay = new Set<Promise<void>>();
  private tables: { name: string; column: string }[] = [];
  private timer?: NodeJS.Timeout;

  constructor(url: string) {
    this.pool = new Pool({ connectionString: url, max: 60, options: '-c search_path=tidings' });
  }

  async start(rate: number): Promise<void> {
    await this.look();
    let turn = 0;
    this.timer = setInterval(() => {
      const table = this.tables[turn++ % this.tables.length];
      if (!table) return;
      const writing = this.write(table).finally(() => this.underWay.delete(writing));
      this.underWay.add(writing);
    }, 1000 / rate);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.underWay);
    await this.pool.end();
  }

  /** Finds out which tables there are now. */
  async look(): Promise<void> {
    const { rows } = await this.pool.query<{ name: string; column: string }>(
      `SELECT relname AS name, attname AS column FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = 1
       WHERE relnamespace = 'tidings'::regnamespace AND relkind = 'r' AND relname <> 'migrations'`,
    );
    this.tables = rows;
  }

  /** Changes nothing, and locks what a change would. A table that a migration has taken away is no longer written to. */
  private async write(table: { name: string; column: string }): Promise<void> {
    const { name, column } = table;
    const since = performance.now();
    try {
      await this.pool.query(
        `UPDATE ${name} SET ${column} = ${column} WHERE ctid = (SELECT ctid FROM ${name} LIMIT 1)`,
      );
      this.written++;
    } catch (error) {
      const isGone =
        error instanceof DatabaseError && [UNDEFINED_TABLE, UNDEFINED_COLUMN].includes(error.code!);
      if (isGone) this.tables = this.tables.filter((other) => other !== table);
      else this.failed.push(`${name}: ${String(error)}`);
    }
    this.longest = Math.max(this.longest, performance.now() - since);
  }
}
