import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConfigModule, ConfigurationError, type WorkerConfig, readWorkerConfig } from '#config';
import { DatabaseModule, assertServable } from '#database';
import { MetricsModule } from '#metrics';
import { MIGRATIONS } from '#migrations';
import { NestLogger, createLogger, environment, run, closeInTime, stopRequested } from '#process';
import { BackgroundModule } from '#background';

/**
 * npm run worker: a separate worker beside API processes with WORKER=off. It does everything that happens after the
 * response.
 */
run(async () => {
  const requested = stopRequested();
  const config = readWorkerConfig(environment());
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
  logger.info({ reason: await requested }, 'stopping');
  await closeInTime(app);
  process.exit(0);
});

function databaseOf({ database }: WorkerConfig) {
  if (database) return database;
  throw new ConfigurationError(
    'DATABASE_URL must be set for a separate worker: the server runs a worker itself with the embedded PostgreSQL.',
  );
}
