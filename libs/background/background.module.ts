import { Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { OutboxListener } from '#outbox';
import { DispatchModule } from '#delivery';
import { NotificationsModule } from '#notifications';
import { ChangePublisherModule } from '#realtime';
import { ErasureHandler } from './erasure/erasure.handler.js';
import { KnownTypes } from './relay/known-types.js';
import { OutboxMetrics } from './relay/outbox-metrics.js';
import { Relay } from './relay/relay.js';
import { UnknownEvents } from './relay/unknown-events.js';
import { Housekeeping } from './housekeeping.js';

/** What happens after the response: inside the API's process, or in one of its own by main.ts. */
@Module({
  imports: [EventEmitterModule.forRoot(), NotificationsModule, DispatchModule, ChangePublisherModule],
  providers: [OutboxListener, KnownTypes, Relay, UnknownEvents, OutboxMetrics, Housekeeping, ErasureHandler],
  exports: [Housekeeping],
})
export class BackgroundModule {}
