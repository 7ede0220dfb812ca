import { Module } from '@nestjs/common';
import { ChangePublisherModule } from './change-publisher.module.js';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';
import { RealtimeHub } from './realtime-hub.js';

/** Sends new notifications to connected people, in processes that accept WebSockets. */
@Module({
  imports: [ChangePublisherModule],
  providers: [WebSocketDeliveryLog, RealtimeHub],
  exports: [RealtimeHub],
})
export class RealtimeModule {}
