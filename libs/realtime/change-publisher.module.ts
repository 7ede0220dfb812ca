import { Module } from '@nestjs/common';
import { ChangePublisher } from './change-publisher.js';

/** Tells other processes: for every process that writes notifications. */
@Module({ providers: [ChangePublisher] })
export class ChangePublisherModule {}
