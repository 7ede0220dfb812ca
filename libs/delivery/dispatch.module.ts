import { Module } from '@nestjs/common';
import { EmailModule, EmailSender, EmailSenderModule } from '#email';
import { PushSender, PushSenderModule, WebPushModule } from '#web-push';
import { WebhookSender, WebhookSenderModule, WebhooksModule } from '#webhooks';
import { CHANNEL_SENDERS, type ChannelSenders } from './channel-senders.js';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryQueues } from './delivery-queues.js';
import { DigestDispatcher } from './digest.dispatcher.js';
import { Dispatcher } from './dispatcher.js';
import { PlanningHandler } from './planning.handler.js';
import { QueueMetrics } from './queue-metrics.js';
import { ReschedulingHandler } from './rescheduling.handler.js';

const channelSenders = {
  provide: CHANNEL_SENDERS,
  useFactory: (email: EmailSender, web_push: PushSender, webhook: WebhookSender): ChannelSenders => ({
    email,
    web_push,
    webhook,
  }),
  inject: [EmailSender, PushSender, WebhookSender],
};

/** Plans and sends deliveries, for workers only. Entities come from the modules of the channels. */
@Module({
  imports: [
    DeliveryModule,
    EmailModule,
    WebPushModule,
    WebhooksModule,
    EmailSenderModule,
    PushSenderModule,
    WebhookSenderModule,
  ],
  providers: [
    PlanningHandler,
    ReschedulingHandler,
    DeliveryQueues,
    QueueMetrics,
    Dispatcher,
    DigestDispatcher,
    channelSenders,
  ],
})
export class DispatchModule {}
