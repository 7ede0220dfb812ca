import { type DynamicModule, Global, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { requestDataSource } from './connection.js';
import { CommitSignal } from './commit-signal.js';
import { Database } from './database.js';
import { IdempotencyKey } from './entities.js';
import { OutboxSignal } from './outbox-signal.js';
import { PgListener } from './pg-listener.js';
import { Reachability } from './reachability.js';
import { RelayPool } from './relay-pool.js';
import { DATABASE_URLS, type DatabaseUrls } from './urls.js';

const dataSource = TypeOrmModule.forRootAsync({
  inject: [DATABASE_URLS],
  useFactory: (urls: DatabaseUrls) => ({
    ...requestDataSource(urls.request, (error) =>
      new Logger('Database').warn(`Database connection lost, the pool will replace it: ${error.message}`),
    ),
    autoLoadEntities: true,
    retryAttempts: 0,
  }),
});

const services = [Database, CommitSignal, PgListener, Reachability, RelayPool, OutboxSignal];

@Global()
@Module({})
export class DatabaseModule {
  static forRoot(urls: DatabaseUrls): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [dataSource, TypeOrmModule.forFeature([IdempotencyKey])],
      providers: [{ provide: DATABASE_URLS, useValue: urls }, ...services],
      exports: [DATABASE_URLS, ...services],
    };
  }
}
