import { Module } from '@nestjs/common';
import { Housekeeping } from './schedules/housekeeping.js';

/** What happens after the response: inside the API's process. */
@Module({ providers: [Housekeeping], exports: [Housekeeping] })
export class WorkerModule {}
