import { Module } from '@nestjs/common';
import { ChangePublisher } from './change-publisher.js';

/** What tells other processes: for workers only. */
@Module({ providers: [ChangePublisher] })
export class ChangePublisherModule {}
