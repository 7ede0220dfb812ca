import { Module } from '@nestjs/common';
import { Receipts } from './receipts.js';
import { Streams } from './streams.js';

/** What is new, for those who are connected: for processes that people connect to. */
@Module({ providers: [Receipts, Streams], exports: [Streams] })
export class RealtimeModule {}
