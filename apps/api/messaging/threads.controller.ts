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
import { Allow, By } from '#access';
import type { PersonCaller } from '#identity';
import { Participants, Reading, Sending, Threads } from '#messaging';
import { DEMO_THREADS } from '../demo/conversations.js';
import { presentOptionalTime } from '../http/answers.js';
import { page, seqOf } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { LimitRecipients, RecipientLimit } from '../http/recipient-limit.js';
import { markReplayed } from './replayed.js';
import { MessageAnswer, presentMessage } from './message.presenters.js';
import { HistoryRequest, POST_MESSAGE_EXAMPLES, PostMessageRequest } from './message.requests.js';
import { groupOf, listOf } from './thread.input.js';
import {
  ReadThreadAnswer,
  ThreadAnswer,
  ThreadListAnswer,
  ThreadPageAnswer,
  presentThread,
  presentThreadPage,
} from './thread.presenters.js';
import {
  ListThreadsRequest,
  PatchThreadRequest,
  ReadThreadRequest,
  START_THREAD_EXAMPLES,
  StartThreadRequest,
} from './thread.requests.js';

@ApiTags('Threads')
@Controller('messages/threads')
export class ThreadsController {
  constructor(
    private readonly threads: Threads,
    private readonly participants: Participants,
    private readonly sending: Sending,
    private readonly reading: Reading,
    private readonly recipients: RecipientLimit,
  ) {}

  @Get()
  @Allow('person')
  @ApiOperation({ summary: 'See my threads', description: 'Direct ones and groups, newest activity first.' })
  @ApiOkResponse({ type: ThreadListAnswer })
  async list(@By() caller: PersonCaller, @Query() request: ListThreadsRequest): Promise<ThreadListAnswer> {
    const rows = await this.threads.list(caller, listOf(request));
    return page(rows, request.limit, presentThread, ({ position }) => position);
  }

  @Post()
  @Allow('person')
  @LimitRecipients()
  @ApiOperation({
    summary: 'Start a thread',
    description:
      'With recipient_id the direct thread with that person, of which there is only ever one. With participant_ids and subject a group.',
  })
  @ApiBody({ type: StartThreadRequest, examples: START_THREAD_EXAMPLES })
  @ApiCreatedResponse({ type: ThreadAnswer, description: 'New.' })
  @ApiOkResponse({ type: ThreadAnswer, description: 'The direct thread was there.' })
  async start(
    @By() caller: PersonCaller,
    @Body() request: StartThreadRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ThreadAnswer> {
    const group = groupOf(request);
    const thread = group
      ? await this.threads.startGroup(caller, group)
      : await this.threads.startDirect(caller, request.recipient_id!);
    await this.recipients.charge(caller, thread.created ? (group?.persons.length ?? 1) : 0);
    void reply.status(thread.created ? 201 : 200);
    return presentThread(thread);
  }

  @Get(':id')
  @Allow('person')
  @ApiOperation({
    summary: 'See a thread and its messages',
    description: 'Seeing it here marks nothing as read: POST …/read does.',
  })
  @ApiIdParam('id', 'A thread of yours.', DEMO_THREADS.group.id)
  @ApiOkResponse({ type: ThreadPageAnswer })
  async get(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Query() { limit, cursor }: HistoryRequest,
  ): Promise<ThreadPageAnswer> {
    return presentThreadPage(await this.threads.get(caller, id, { limit, before: seqOf(cursor) }));
  }

  @Patch(':id')
  @Allow('person')
  @ApiOperation({
    summary: 'Mute, archive or rename a thread',
    description: 'To mute and to archive is for yourself alone; the subject of a group is for its owner.',
  })
  @ApiIdParam('id', 'A thread of yours.', DEMO_THREADS.group.id)
  @ApiOkResponse({ type: ThreadAnswer })
  async change(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() change: PatchThreadRequest,
  ): Promise<ThreadAnswer> {
    return presentThread(await this.participants.change(caller, id, change));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    summary: 'Remove a left group from my list',
    description:
      'For you alone: it is gone from lists and counts, and answers 404, until somebody adds you again. 409 for a direct thread and for a group that you are in: leave it first.',
  })
  @ApiIdParam('id', 'A group that you have left.', DEMO_THREADS.group.id)
  @ApiNoContentResponse()
  async hide(@By() caller: PersonCaller, @IdParam('id') id: string): Promise<void> {
    await this.participants.hide(caller, id);
  }

  @Post(':id/messages')
  @Allow('person')
  @LimitRecipients()
  @ApiOperation({ summary: 'Send a message to a thread' })
  @ApiIdParam('id', 'A thread of yours.', DEMO_THREADS.group.id)
  @ApiBody({ type: PostMessageRequest, examples: POST_MESSAGE_EXAMPLES })
  @ApiCreatedResponse({ type: MessageAnswer })
  async post(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() input: PostMessageRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageAnswer> {
    const sent = await this.sending.toThread(caller, id, input);
    await this.recipients.charge(caller, sent.recipients);
    return presentMessage(markReplayed(sent, reply).message);
  }

  @Post(':id/read')
  @HttpCode(200)
  @Allow('person')
  @ApiOperation({ summary: 'Mark a thread as read', description: 'All of it, or up to one message.' })
  @ApiIdParam('id', 'A thread of yours.', DEMO_THREADS.group.id)
  @ApiOkResponse({ type: ReadThreadAnswer })
  async read(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() { up_to }: ReadThreadRequest,
  ): Promise<ReadThreadAnswer> {
    const { last_read_at, unread_count } = await this.reading.readThread(caller, id, up_to);
    return { last_read_at: presentOptionalTime(last_read_at), unread_count };
  }
}
