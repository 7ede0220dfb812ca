import { Module } from '@nestjs/common';
import { Housekeeping } from './schedules/housekeeping.js';

/** What happens after the response: inside the API by default, in a process of its own with apps/worker/main.ts. */
@Module({ providers: [Housekeeping], exports: [Housekeeping] })
export class WorkerModule {}
