import { Module } from '@nestjs/common';
import { CARRIERS, type Carriers } from './carriers.js';
import { Departures } from './departures.js';
import { DeliveryModule } from './delivery.module.js';
import { Dispatcher } from './dispatcher.js';
import { PlanningHandler } from './planning.handler.js';

const carriers = {
  provide: CARRIERS,
  useFactory: (): Carriers => ({}) as Carriers,
  inject: [],
};

/** What sends: for workers only. */
@Module({
  imports: [DeliveryModule],
  providers: [PlanningHandler, Departures, Dispatcher, carriers],
})
export class DispatchModule {}
