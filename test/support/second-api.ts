import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { createApi } from '../../apps/api/create-api.js';
import { TEST_CONFIG } from './api.js';
import type { TestDatabase } from './database.js';
import { HttpClient } from './http.js';

/**
 * Stands for another process on the same database, without a worker: its caches of members and roles know nothing of
 * what the first one does. Passport keeps its strategies for the process, so both verify credentials with those of the
 * API that was started last: stop this one when the file ends, not before.
 */
export interface SecondApi {
  app: NestFastifyApplication;
  http: HttpClient;
  stop(): Promise<void>;
}

export async function startSecondApi({ url }: Pick<TestDatabase, 'url'>): Promise<SecondApi> {
  const urls = { request: url, relay: url, migrate: url };
  const { app } = await createApi({ ...TEST_CONFIG, worker: 'off' }, urls, pino({ level: 'silent' }));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const http = new HttpClient(port);
  return {
    app,
    http,
    stop: async () => {
      http.close();
      await app.close();
    },
  };
}
