import { Module } from '@nestjs/common';
import { CHANNEL_SENDERS, type ChannelSenders } from './channel-senders.js';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryQueues } from './delivery-queues.js';
import { DigestDispatcher } from './digest.dispatcher.js';
import { Dispatcher } from './dispatcher.js';
import { EmailSender, Mailer } from '#email';
import { PlanningHandler } from './planning.handler.js';
import { QueueMetrics } from './queue-metrics.js';
import { PushSender, MemberRemovedHandler } from '#web-push';
import { ReschedulingHandler } from './rescheduling.handler.js';
import { WebhookSender } from '#webhooks';

const carriers = {
  provide: CHANNEL_SENDERS,
  useFactory: (email: EmailSender, web_push: PushSender, webhook: WebhookSender): ChannelSenders => ({
    email,
    web_push,
    webhook,
  }),
  inject: [EmailSender, PushSender, WebhookSender],
};

/** What sends: for workers only. */
@Module({
  imports: [DeliveryModule],
  providers: [
    PlanningHandler,
    ReschedulingHandler,
    DeliveryQueues,
    QueueMetrics,
    Dispatcher,
    DigestDispatcher,
    Mailer,
    EmailSender,
    PushSender,
    MemberRemovedHandler,
    WebhookSender,
    carriers,
  ],
})
export class DispatchModule {}
