import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { type Config, ConfigModule, ConfigurationError } from '#config';
import { DatabaseModule, assertServable } from '#database';
import { MetricsModule } from '#metrics';
import { MIGRATIONS } from '#migrations';
import { NestLogger, createLogger } from '../api/http/logger.js';
import { firstSignal, processConfig, run } from '../api/start.js';
import { WorkerModule } from './worker.module.js';

/** npm run worker: what happens after the response, in a process of its own beside API processes with WORKER=off. */
run(async () => {
  const signal = firstSignal();
  const config = processConfig();
  const urls = databaseOf(config);
  await assertServable(urls, MIGRATIONS);
  const logger = createLogger(config);
  const app = await NestFactory.createApplicationContext(
    {
      module: class Worker {},
      imports: [ConfigModule.forRoot(config), MetricsModule, DatabaseModule.forRoot(urls), WorkerModule],
    },
    { logger: new NestLogger(logger), abortOnError: false },
  );
  logger.info('working');
  logger.info({ signal: await signal }, 'stopping');
  await app.close();
  process.exit(0);
});

function databaseOf({ database }: Config) {
  if (database) return database;
  throw new ConfigurationError(
    'DATABASE_URL must be set for a worker of its own: the embedded PostgreSQL belongs to the server, which has one inside.',
  );
}
