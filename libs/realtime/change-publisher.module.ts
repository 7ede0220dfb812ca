import { Module } from '@nestjs/common';
import { ChangePublisher } from './change-publisher.js';

/** Announces changes to other processes, for workers only. */
@Module({ providers: [ChangePublisher] })
export class ChangePublisherModule {}
