import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CONFIG } from './config.js';
import type { WorkerConfig } from './worker.js';

@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: WorkerConfig): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: CONFIG, useValue: config }], exports: [CONFIG] };
  }
}
