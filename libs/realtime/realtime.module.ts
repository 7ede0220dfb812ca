import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ChangeHub } from './change-hub.js';
import { ChangePublisherModule } from './change-publisher.module.js';
import { WebSocketDeliveryLog } from './websocket-delivery-log.js';
import { Cursors } from './cursors.js';
import { PresenceHub } from './presence-hub.js';
import { PresenceLeases } from './presence-leases.js';
import { Presence, PresenceAtBlock } from './presence.entities.js';
import { RealtimeHub } from './realtime-hub.js';
import { SignalsService } from './signals.service.js';
import { SyncReader } from './sync-reader.js';
import { SyncService } from './sync.service.js';
import { TypingHub } from './typing-hub.js';

/** Sends connected people what is new, who types and who is connected. For processes that accept WebSockets. */
@Module({
  imports: [ChangePublisherModule, TypeOrmModule.forFeature([Presence, PresenceAtBlock])],
  providers: [
    WebSocketDeliveryLog,
    ChangeHub,
    RealtimeHub,
    Cursors,
    SyncReader,
    SyncService,
    TypingHub,
    PresenceLeases,
    PresenceHub,
    SignalsService,
  ],
  exports: [RealtimeHub, Cursors, SyncService, SignalsService],
})
export class RealtimeModule {}
