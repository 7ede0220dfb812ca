import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, By } from '#access';
import type { PersonCaller } from '#identity';
import { Messages, Reading, Sending } from '#messaging';
import { DEMO_MESSAGES } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { presentOptionalTime } from '../http/answers.js';
import { ListRequest, seqOf } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { LimitRecipients, RecipientLimit } from '../http/recipient-limit.js';
import { markReplayed } from './replayed.js';
import {
  ConversationAnswer,
  InboxAnswer,
  MessageAnswer,
  ReadMessageAnswer,
  SentAnswer,
  UnreadAnswer,
  VersionListAnswer,
  presentConversation,
  presentInbox,
  presentMessage,
  presentSent,
  presentVersions,
  versionOf,
} from './message.presenters.js';
import {
  DeleteMessageRequest,
  EditMessageRequest,
  HistoryRequest,
  InboxRequest,
  ReadMessageRequest,
  SEND_MESSAGE_EXAMPLES,
  SendMessageRequest,
} from './message.requests.js';

@ApiTags('Messages')
@Controller('messages')
export class MessagesController {
  constructor(
    private readonly sending: Sending,
    private readonly messages: Messages,
    private readonly reading: Reading,
    private readonly recipients: RecipientLimit,
  ) {}

  @Post('send')
  @Allow('person')
  @LimitRecipients()
  @ApiOperation({
    summary: 'Send a message to a person',
    description: 'In the direct thread with them, which is made if there is none yet.',
  })
  @ApiBody({ type: SendMessageRequest, examples: SEND_MESSAGE_EXAMPLES })
  @ApiCreatedResponse({ type: SentAnswer })
  async send(
    @By() caller: PersonCaller,
    @Body() { recipient, ...input }: SendMessageRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SentAnswer> {
    const sent = await this.sending.toPerson(caller, recipient, input);
    await this.recipients.charge(caller, sent.recipients);
    return presentSent(markReplayed(sent, reply));
  }

  @Get('inbox')
  @Allow('person')
  @ApiOperation({ summary: 'See my direct conversations', description: 'Newest first.' })
  @ApiOkResponse({ type: InboxAnswer })
  async inbox(
    @By() caller: PersonCaller,
    @Query() { page, limit, unread_only }: InboxRequest,
  ): Promise<InboxAnswer> {
    const inbox = await this.reading.inbox(caller, { page, limit, unreadOnly: unread_only });
    return presentInbox(inbox, page, limit);
  }

  @Get('unread-count')
  @Allow('person')
  @ApiOperation({ summary: 'Count what I have to read' })
  @ApiOkResponse({ type: UnreadAnswer })
  unreadCount(@By() caller: PersonCaller): Promise<UnreadAnswer> {
    return this.reading.unread(caller);
  }

  @Get('conversation/:person')
  @Allow('person')
  @ApiOperation({
    summary: 'See the messages with one person',
    description: 'Empty where there are none yet. Reading them here marks nothing as read.',
  })
  @ApiParam({ name: 'person', description: 'By id or username.', example: DEMO_PEOPLE.theo.username })
  @ApiOkResponse({ type: ConversationAnswer })
  async conversation(
    @By() caller: PersonCaller,
    @Param('person') person: string,
    @Query() { limit, cursor }: HistoryRequest,
  ): Promise<ConversationAnswer> {
    const page = { limit, before: seqOf(cursor) };
    return presentConversation(await this.reading.conversation(caller, person, page));
  }

  @Patch(':id/read')
  @Allow('person')
  @ApiOperation({
    summary: 'Mark a message as read',
    description: 'And those before it. When it was first read stays.',
  })
  @ApiIdParam('id', 'A message that others have sent.', DEMO_MESSAGES.toRead.id)
  @ApiOkResponse({ type: ReadMessageAnswer })
  async read(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() _nothing: ReadMessageRequest,
  ): Promise<ReadMessageAnswer> {
    const { read_at } = await this.reading.readMessage(caller, id);
    return { message_id: id, is_read: true, read_at: presentOptionalTime(read_at) };
  }

  @Patch(':id')
  @Allow('person')
  @ApiOperation({
    summary: 'Edit a message',
    description: 'Earlier versions are kept and can be listed. 409 after 200 edits.',
  })
  @ApiIdParam('id', 'A message of your own.', DEMO_MESSAGES.toEdit.id)
  @ApiOkResponse({ type: MessageAnswer })
  async edit(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() { content }: EditMessageRequest,
  ): Promise<MessageAnswer> {
    return presentMessage(await this.messages.edit(caller, id, content));
  }

  @Get(':id/versions')
  @Allow('person')
  @ApiOperation({
    summary: 'List the earlier versions of a message',
    description: 'Oldest first. A message can be edited 200 times. A deleted message shows none.',
  })
  @ApiIdParam('id', 'A message that you can see.', DEMO_MESSAGES.edited.id)
  @ApiOkResponse({ type: VersionListAnswer })
  async versions(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<VersionListAnswer> {
    const list = { after: versionOf(cursor), limit: limit + 1 };
    return presentVersions(await this.messages.versions(caller, id, list), limit);
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({ summary: 'Delete a message, on my side or for everyone' })
  @ApiIdParam('id', 'A message that you can see.', DEMO_MESSAGES.toHide.id)
  @ApiNoContentResponse()
  async remove(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Query() { scope }: DeleteMessageRequest,
  ): Promise<void> {
    if (scope === 'everyone') await this.messages.deleteForEveryone(caller, id);
    else await this.messages.deleteForMe(caller, id);
  }
}
