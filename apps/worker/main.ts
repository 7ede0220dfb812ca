import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConfigModule, ConfigurationError, type WorkerConfig, readWorkerConfig } from '#config';
import { DatabaseModule, assertServable } from '#database';
import { MetricsModule } from '#metrics';
import { MIGRATIONS } from '#migrations';
import {
  NestLogger,
  announceReady,
  closeInTime,
  createLogger,
  environment,
  inProcesses,
  run,
  stopRequested,
} from '#process';
import { BackgroundModule } from '#background';

/** npm run worker: runs relay, deliveries and housekeeping in a process of its own, beside servers with WORKER=off. */
run(() => {
  const config = readWorkerConfig(environment());
  return inProcesses(config, () => work(config));
});

async function work(config: WorkerConfig): Promise<void> {
  const requested = stopRequested();
  const urls = databaseOf(config);
  await assertServable(urls, MIGRATIONS);
  const logger = createLogger(config);
  const app = await NestFactory.createApplicationContext(
    {
      module: class Worker {},
      imports: [ConfigModule.forRoot(config), MetricsModule, DatabaseModule.forRoot(urls), BackgroundModule],
    },
    { logger: new NestLogger(logger), abortOnError: false },
  );
  logger.info('working');
  announceReady();
  logger.info({ reason: await requested }, 'stopping');
  await closeInTime(app);
  process.exit(0);
}

function databaseOf({ database }: WorkerConfig) {
  if (database) return database;
  throw new ConfigurationError(
    'DATABASE_URL must be set for a separate worker: the server runs a worker itself with the embedded PostgreSQL.',
  );
}
