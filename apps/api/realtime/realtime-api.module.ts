import { Module } from '@nestjs/common';
import { RealtimeModule } from '#realtime';
import { ServingModule } from '../operations/serving.module.js';
import { ChangesController } from './changes.controller.js';
import { ConnectionLimits } from './connection-limits.js';
import { RealtimeController } from './realtime.controller.js';
import { RealtimeMetrics } from './realtime-metrics.js';
import { Sockets } from './sockets.js';
import { StreamController } from './stream.controller.js';

@Module({
  imports: [RealtimeModule, ServingModule],
  controllers: [RealtimeController, ChangesController, StreamController],
  providers: [ConnectionLimits, RealtimeMetrics, Sockets],
})
export class RealtimeApiModule {}
