import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OutboundModule } from '#outbound';
import { MemberRemovedHandler } from './member-removed.handler.js';
import { PushSender } from './push-sender.js';
import { PushSubscription } from './push-subscription.entity.js';
import { PushSubscriptionsService } from './push-subscriptions.service.js';

/** Push subscriptions. */
@Module({
  imports: [TypeOrmModule.forFeature([PushSubscription]), OutboundModule],
  providers: [PushSubscriptionsService],
  exports: [PushSubscriptionsService],
})
export class WebPushModule {}

/** The sender of web push, for workers only. */
@Module({ imports: [OutboundModule], providers: [PushSender, MemberRemovedHandler], exports: [PushSender] })
export class PushSenderModule {}
