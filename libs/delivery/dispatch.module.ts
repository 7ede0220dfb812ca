import { Module } from '@nestjs/common';
import { CARRIERS, type Carriers } from './carriers.js';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryQueues } from './delivery-queues.js';
import { DigestDispatcher } from './digest.dispatcher.js';
import { Dispatcher } from './dispatcher.js';
import { EmailCarrier } from './email-carrier.js';
import { Mailer } from './mailer.js';
import { PlanningHandler } from './planning.handler.js';
import { QueueMetrics } from './queue-metrics.js';
import { PushCarrier } from './push-carrier.js';
import { PushDepartedHandler } from './push-departed.handler.js';
import { ReschedulingHandler } from './rescheduling.handler.js';
import { WebhookCarrier } from './webhook-carrier.js';

const carriers = {
  provide: CARRIERS,
  useFactory: (email: EmailCarrier, web_push: PushCarrier, webhook: WebhookCarrier): Carriers => ({
    email,
    web_push,
    webhook,
  }),
  inject: [EmailCarrier, PushCarrier, WebhookCarrier],
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
    EmailCarrier,
    PushCarrier,
    PushDepartedHandler,
    WebhookCarrier,
    carriers,
  ],
})
export class DispatchModule {}
