import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { pino } from 'pino';
import { createApi } from '../../apps/api/create-api.js';
import { TEST_CONFIG } from './api.js';
import type { TestDatabase } from './database.js';
import { HttpClient } from './http.js';

/** Another process on the same database, without a worker: its caches know nothing of what the first one does. */
export interface SecondApi {
  app: NestFastifyApplication;
  http: HttpClient;
  stop(): Promise<void>;
}

export async function startSecondApi({ url }: TestDatabase): Promise<SecondApi> {
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
