import { Module } from '@nestjs/common';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';
import { RealtimeHub } from './realtime-hub.js';

/** Realtime notifications, for processes that clients connect to. */
@Module({ providers: [WebSocketDeliveryLog, RealtimeHub], exports: [RealtimeHub] })
export class RealtimeModule {}
