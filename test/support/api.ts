import { createHash, randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { TokenVerifier } from '#access';
import type { Config } from '#config';
import { createApi } from '../../apps/api/create-api.js';
import { createDocument } from '../../apps/api/docs/openapi.js';
import type { Route } from '../../apps/api/http/route-table.js';
import { Builders, type TestMember } from './builders.js';
import { type TestDatabase, createDatabase } from './database.js';
import { type Answer, HttpClient, type Sent } from './http.js';
import { createSchemaCheck } from './schema-check.js';

export const PLATFORM_KEY = createHash('sha256').update(randomBytes(32)).digest('hex');

/** Whoever sends a test's requests. */
export class Client {
  constructor(
    private readonly api: TestApi,
    private readonly headers: Record<string, string>,
  ) {}

  /** The same caller with more headers. */
  with(headers: Record<string, string>): Client {
    return new Client(this.api, { ...this.headers, ...headers });
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.api.send({
      method,
      path: path.startsWith('/') ? path : `/api/v1/${path}`,
      headers: this.headers,
      body,
    });
  }

  get = (path: string) => this.send('GET', path);
  post = (path: string, body: unknown = {}) => this.send('POST', path, body);
  put = (path: string, body: unknown = {}) => this.send('PUT', path, body);
  patch = (path: string, body: unknown = {}) => this.send('PATCH', path, body);
  delete = (path: string) => this.send('DELETE', path);
}

export class TestApi {
  readonly build = new Builders(this);
  readonly document: OpenAPIObject;
  private readonly check: (sent: Sent, answer: Answer) => void;

  constructor(
    readonly app: NestFastifyApplication,
    readonly routes: Route[],
    readonly database: TestDatabase,
    readonly http: HttpClient,
    /** Every line that was logged. */
    readonly logged: string[],
  ) {
    this.document = createDocument(app);
    this.check = createSchemaCheck(this.document);
  }

  async stop(): Promise<void> {
    await expectNoOpenTransaction(this.database);
    this.http.close();
    await this.app.close();
    await this.database.drop();
  }

  async send(sent: Sent): Promise<Answer> {
    const answer = await this.http.send(sent);
    this.check(sent, answer);
    return answer;
  }

  readonly anybody = new Client(this, {});

  async as({ organization, id }: Pick<TestMember, 'organization' | 'id'>): Promise<Client> {
    const token = await this.app
      .get(TokenVerifier)
      .sign({ userId: id, organizationId: organization.id }, '1 hour');
    return this.withToken(token);
  }

  withToken = (token: string): Client => new Client(this, { Authorization: `Bearer ${token}` });
  withKey = (key: string): Client => new Client(this, { 'X-Api-Key': key });

  platform(organization?: { id: string }): Client {
    const client = this.withKey(PLATFORM_KEY);
    return organization ? client.with({ 'X-Organization-Id': organization.id }) : client;
  }
}

export const TEST_CONFIG: Config = {
  production: false,
  port: 0,
  host: '127.0.0.1',
  database: null,
  dataDir: '',
  demo: false,
  authentication: { mode: 'dev', secret: randomBytes(32).toString('base64url') },
  platformApiKey: PLATFORM_KEY,
  secrets: { key: randomBytes(32).toString('base64url'), isDevelopmentKey: false },
  corsOrigins: [],
  rateLimit: null,
  worker: 'inline',
  publicUrl: 'http://localhost:3000',
  mail: null,
  webhookAllowPrivate: false,
  concurrency: { email: 8, digest: 4, web_push: 32, webhook: 100 },
  retentionDays: 400,
  metrics: null,
  logLevel: 'info',
  processes: 1,
};

/** An API of this file's own, on a database of its own; both must be left clean. */
export function useApi(config: Partial<Config> = {}): TestApi {
  const holder: { api?: TestApi } = {};
  beforeAll(async () => {
    holder.api = await startTestApi(config);
  });
  afterAll(() => holder.api?.stop());
  return new Proxy({} as TestApi, {
    get: (_target, property) => {
      const value: unknown = Reflect.get(holder.api!, property);
      return typeof value === 'function' ? (value.bind(holder.api) as unknown) : value;
    },
  });
}

export async function startTestApi(config: Partial<Config> = {}): Promise<TestApi> {
  const database = await createDatabase();
  const urls = { request: database.url, relay: database.url, migrate: database.url };
  const logged: string[] = [];
  const level = config.logLevel ?? 'info';
  const logger = pino({ level, base: null }, { write: (line: string) => void logged.push(line) });
  const { app, routes } = await createApi({ ...TEST_CONFIG, ...config }, urls, logger);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const api = new TestApi(app, [...routes.routes], database, new HttpClient(port), logged);
  return api;
}

/** The relay may be in the middle of one, which ends; one that was never finished does not. */
async function expectNoOpenTransaction(database: TestDatabase): Promise<void> {
  const open = () =>
    database.query(
      `SELECT query FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'tidings%' AND state LIKE 'idle in transaction%'`,
    );
  await vi.waitFor(
    async () => expect(await open(), 'transactions that were never finished').toEqual([]),
    5000,
  );
}
