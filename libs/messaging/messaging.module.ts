import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BlockingModule } from '#blocking';
import { BlocksService } from './blocks/blocks.service.js';
import { HiddenMessage, Message, MessageVersion, ReadMark } from './messages/message.entities.js';
import { MessagesService } from './messages/messages.service.js';
import { GroupModerationService } from './oversight/group-moderation.service.js';
import { OversightService } from './oversight/oversight.service.js';
import { ParticipantsService } from './threads/participants.service.js';
import { InboxService } from './read-marks/inbox.service.js';
import { ReadMarksService } from './read-marks/read-marks.service.js';
import { MessagingRule, MessagingSettings } from './policy/rules.entities.js';
import { MessagingRulesService } from './policy/rules.service.js';
import { SendService } from './send/send.service.js';
import { Participant, Thread, ThreadSubject } from './threads/thread.entities.js';
import { ThreadsService } from './threads/threads.service.js';

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
  ThreadsService,
  ParticipantsService,
  SendService,
  MessagesService,
  InboxService,
  ReadMarksService,
  BlocksService,
  MessagingRulesService,
  OversightService,
  GroupModerationService,
];

@Module({
  imports: [TypeOrmModule.forFeature(entities), BlockingModule],
  providers: services,
  exports: services,
})
export class MessagingModule {}
