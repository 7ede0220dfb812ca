import { Module } from '@nestjs/common';
import { ChangePublisherModule } from './change-publisher.module.js';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';
import { RealtimeHub } from './realtime-hub.js';

/** What is new, for those who are connected: for processes that people connect to. */
@Module({
  imports: [ChangePublisherModule],
  providers: [WebSocketDeliveryLog, RealtimeHub],
  exports: [RealtimeHub],
})
export class RealtimeModule {}
