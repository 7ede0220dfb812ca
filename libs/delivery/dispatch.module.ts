import { Module } from '@nestjs/common';
import { CARRIERS, type Carriers } from './carriers.js';
import { Departures } from './departures.js';
import { DeliveryModule } from './delivery.module.js';
import { Dispatcher } from './dispatcher.js';
import { PlanningHandler } from './planning.handler.js';
import { PushCarrier } from './push-carrier.js';
import { PushDepartedHandler } from './push-departed.handler.js';

const carriers = {
  provide: CARRIERS,
  useFactory: (web_push: PushCarrier): Partial<Carriers> => ({ web_push }),
  inject: [PushCarrier],
};

/** What sends: for workers only. */
@Module({
  imports: [DeliveryModule],
  providers: [PlanningHandler, Departures, Dispatcher, PushCarrier, PushDepartedHandler, carriers],
})
export class DispatchModule {}
