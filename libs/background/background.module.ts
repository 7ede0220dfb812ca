import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { OutboxReaderModule } from '#outbox';
import { DispatchModule } from '#delivery';
import { UserErasureModule } from '#identity';
import { NotificationHandlersModule, NotificationsModule } from '#notifications';
import { ChangePublisherModule } from '#realtime';
import { ErasureHandler } from './erasure/erasure.handler.js';
import { KnownTypes } from './relay/known-types.js';
import { OutboxMetrics } from './relay/outbox-metrics.js';
import { Relay } from './relay/relay.js';
import { UnknownEvents } from './relay/unknown-events.js';
import { Housekeeping } from './housekeeping.js';
import { LeavingHandler } from './leaving.handler.js';

/** Everything that happens after the response. It runs in the server, or in a process of its own (apps/worker). */
@Module({
  imports: [
    EventEmitterModule.forRoot(),
    OutboxReaderModule,
    NotificationsModule,
    NotificationHandlersModule,
    DispatchModule,
    UserErasureModule,
    ChangePublisherModule,
  ],
  providers: [KnownTypes, Relay, UnknownEvents, OutboxMetrics, Housekeeping, ErasureHandler, LeavingHandler],
  exports: [Housekeeping],
})
export class BackgroundModule {}
