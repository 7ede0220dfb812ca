import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BlockingModule } from '#blocking';
import { Barriers } from './barriers.service.js';
import { HiddenMessage, Message, MessageVersion, ReadMark } from './message.entities.js';
import { Messages } from './messages.service.js';
import { GroupModeration } from './moderation.service.js';
import { Oversight } from './oversight.service.js';
import { Participants } from './participants.service.js';
import { Reading } from './reading.service.js';
import { MessagingRule, MessagingSettings } from './rules.entities.js';
import { Rules } from './rules.service.js';
import { Sending } from './sending.service.js';
import { Participant, Thread, ThreadSubject } from './thread.entities.js';
import { Threads } from './threads.service.js';

const entities = [
  Thread,
  ThreadSubject,
  Participant,
  Message,
  MessageVersion,
  HiddenMessage,
  ReadMark,
  MessagingRule,
  MessagingSettings,
];
const services = [
  Threads,
  Participants,
  Sending,
  Messages,
  Reading,
  Barriers,
  Rules,
  Oversight,
  GroupModeration,
];

@Module({
  imports: [TypeOrmModule.forFeature(entities), BlockingModule],
  providers: services,
  exports: services,
})
export class MessagingModule {}
