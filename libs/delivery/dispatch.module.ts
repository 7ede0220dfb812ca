import { Module } from '@nestjs/common';
import { CARRIERS, type Carriers } from './carriers.js';
import { Departures } from './departures.js';
import { DeliveryModule } from './delivery.module.js';
import { Dispatcher } from './dispatcher.js';
import { PlanningHandler } from './planning.handler.js';
import { PushCarrier } from './push-carrier.js';
import { PushDepartedHandler } from './push-departed.handler.js';
import { WebhookCarrier } from './webhook-carrier.js';

const carriers = {
  provide: CARRIERS,
  useFactory: (web_push: PushCarrier, webhook: WebhookCarrier): Partial<Carriers> => ({ web_push, webhook }),
  inject: [PushCarrier, WebhookCarrier],
};

/** What sends: for workers only. */
@Module({
  imports: [DeliveryModule],
  providers: [
    PlanningHandler,
    Departures,
    Dispatcher,
    PushCarrier,
    PushDepartedHandler,
    WebhookCarrier,
    carriers,
  ],
})
export class DispatchModule {}
