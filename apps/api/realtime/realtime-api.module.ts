import { Module } from '@nestjs/common';
import { RealtimeModule } from '#realtime';
import { ServingModule } from '../operations/serving.module.js';
import { RealtimeController } from './realtime.controller.js';
import { Sockets } from './sockets.js';

@Module({
  imports: [RealtimeModule, ServingModule],
  controllers: [RealtimeController],
  providers: [Sockets],
})
export class RealtimeApiModule {}
