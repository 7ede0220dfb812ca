import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentCaller } from '#access';
import { fetchPage } from '#database';
import type { PersonCaller } from '#identity';
import { MessagesService, ReadMarksService, SendService } from '#messaging';
import { DEMO_MESSAGES } from '../demo/conversations.js';
import { presentOptionalTime } from '../http/responses.js';
import { ListRequest } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { Problems } from '../http/problems.js';
import { RecipientLimit } from '../http/recipient-limit.js';
import { markReplayed } from './replayed.js';
import {
  MessageResponse,
  ReadMessageResponse,
  SentResponse,
  presentMessage,
  presentSent,
} from './message.presenters.js';
import {
  DeleteMessageRequest,
  EditMessageRequest,
  ReadMessageRequest,
  SEND_MESSAGE_EXAMPLES,
  SendMessageRequest,
} from './message.requests.js';
import { VersionListResponse, presentVersions, versionOf } from './version.presenters.js';

@ApiTags('Messages')
@Controller('messages')
export class MessagesController {
  constructor(
    private readonly sends: SendService,
    private readonly messages: MessagesService,
    private readonly readMarks: ReadMarksService,
    private readonly recipients: RecipientLimit,
  ) {}

  @Post('send')
  @Allow('person')
  @ApiOperation({
    operationId: 'sendMessage',
    summary: 'Send a message to a person',
    description:
      'Sends to the direct thread with the recipient, and creates the thread if there is none. Returns 403 `role_not_allowed` if the messaging rules forbid it, 403 `recipient_unavailable` if the recipient does not accept messages from the caller, and 409 `blocked_by_you` if the caller has blocked the recipient.',
  })
  @Problems('role_not_allowed', 'recipient_unavailable', 'blocked_by_you')
  @ApiBody({ type: SendMessageRequest, examples: SEND_MESSAGE_EXAMPLES })
  @ApiCreatedResponse({ type: SentResponse })
  async send(
    @CurrentCaller() caller: PersonCaller,
    @Body() { recipient, ...input }: SendMessageRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SentResponse> {
    const sent = await this.recipients.admit({ caller, reply, atMost: 1 }, () =>
      this.sends.toPerson(caller, recipient, input),
    );
    return presentSent(markReplayed(sent, reply));
  }

  @Patch(':id/read')
  @Allow('person')
  @ApiOperation({
    operationId: 'markMessageRead',
    summary: 'Mark a message as read',
    description:
      'Marks the message and all earlier ones in the thread. Repeating it keeps the first `read_at`. Returns 403 `not_recipient` for the sender.',
  })
  @Problems('not_recipient')
  @ApiIdParam('id', 'A message that somebody else sent.', DEMO_MESSAGES.toRead.id)
  @ApiOkResponse({ type: ReadMessageResponse })
  async read(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() _nothing: ReadMessageRequest,
  ): Promise<ReadMessageResponse> {
    const { read_at } = await this.readMarks.readMessage(caller, id);
    return { message_id: id, is_read: true, read_at: presentOptionalTime(read_at) };
  }

  @Patch(':id')
  @Allow('person')
  @ApiOperation({
    operationId: 'updateMessage',
    summary: 'Update a message',
    description:
      'Replaces the content. Earlier versions are kept and can be listed. Returns 403 `forbidden` for anybody but the sender, 409 `conflict` for a deleted message and after 200 edits, and the same errors as sending if the caller may no longer write to the recipient.',
  })
  @Problems('conflict', 'role_not_allowed', 'recipient_unavailable', 'blocked_by_you')
  @ApiIdParam('id', 'A message that the caller sent.', DEMO_MESSAGES.toEdit.id)
  @ApiOkResponse({ type: MessageResponse })
  async edit(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() { content }: EditMessageRequest,
  ): Promise<MessageResponse> {
    return presentMessage(await this.messages.edit(caller, id, content));
  }

  @Get(':id/versions')
  @Allow('person')
  @ApiOperation({
    operationId: 'listMessageVersions',
    summary: 'List message versions',
    description:
      'Returns the earlier versions of a message, oldest first. A message can be edited 200 times. A deleted message has none. Former participants get those from before they left.',
  })
  @ApiIdParam('id', 'A message that the caller can see.', DEMO_MESSAGES.edited.id)
  @ApiOkResponse({ type: VersionListResponse })
  async versions(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<VersionListResponse> {
    const page = { after: versionOf(cursor), limit };
    return presentVersions(await fetchPage(page, (list) => this.messages.versions(caller, id, list)));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'deleteMessage',
    summary: 'Delete a message',
    description:
      'With scope `me`, hides the message from the caller. With scope `everyone`, removes its content for everybody. Only the sender can do that, and only within the delete window of the organization: otherwise 403 `forbidden`.',
  })
  @ApiIdParam('id', 'A message that the caller can see.', DEMO_MESSAGES.toHide.id)
  @ApiNoContentResponse()
  async remove(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Query() { scope }: DeleteMessageRequest,
  ): Promise<void> {
    if (scope === 'everyone') await this.messages.deleteForEveryone(caller, id);
    else await this.messages.deleteForMe(caller, id);
  }
}
