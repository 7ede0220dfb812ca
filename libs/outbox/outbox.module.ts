import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeadLettersService } from './dead-letters.service.js';
import { OutboxBacklog } from './outbox-backlog.js';
import { OutboxListener } from './outbox-channel.js';
import { DeadLetter, OutboxRow } from './outbox.entities.js';
import { Outbox } from './outbox.js';

/** What admins see of the outbox: for processes that serve requests. */
@Module({
  imports: [TypeOrmModule.forFeature([OutboxRow, DeadLetter])],
  providers: [DeadLettersService],
  exports: [DeadLettersService],
})
export class OutboxModule {}

/** The outbox reader, for workers. */
@Module({
  imports: [OutboxModule],
  providers: [Outbox, OutboxBacklog, OutboxListener],
  exports: [Outbox, OutboxBacklog, OutboxListener],
})
export class OutboxReaderModule {}
