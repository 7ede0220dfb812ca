import { Client } from 'pg';
import { type EmbeddedDatabase, startEmbedded } from '#embedded-postgres';
import { killPostgres, postgresOf } from '../start/processes.js';

/** A PostgreSQL that can be taken away and comes back at the same address, with its default durability. */
export class FailingPostgres {
  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private running: EmbeddedDatabase,
  ) {}

  static async start(folder: string): Promise<FailingPostgres> {
    const running = await startEmbedded(folder);
    return new FailingPostgres(folder, (await postgresOf(folder))!.port, running);
  }

  get url(): string {
    return this.running.url;
  }

  /** As pg_ctl stop -m immediate does: it recovers from its log when it is started again. */
  async stopImmediately(): Promise<void> {
    await killPostgres(this.folder, 'SIGQUIT');
    await this.running.stop();
  }

  async startAgain(): Promise<void> {
    // Of two ports the last one counts.
    this.running = await startEmbedded(this.folder, [`port=${this.port}`]);
  }

  stop(): Promise<void> {
    return this.running.stop();
  }

  /** By a session of its own, since none outlives a stop. */
  async query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> {
    const client = new Client({ connectionString: this.url, options: '-c search_path=tidings' });
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }
}
