import { Module } from '@nestjs/common';
import { ChangeHub } from './change-hub.js';
import { ChangePublisherModule } from './change-publisher.module.js';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';
import { Cursors } from './cursors.js';
import { RealtimeHub } from './realtime-hub.js';
import { SyncService } from './sync.service.js';

/** Sends new notifications to connected people, in processes that accept WebSockets. */
@Module({
  imports: [ChangePublisherModule],
  providers: [WebSocketDeliveryLog, ChangeHub, RealtimeHub, Cursors, SyncService],
  exports: [RealtimeHub, Cursors, SyncService],
})
export class RealtimeModule {}
