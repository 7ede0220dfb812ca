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
import {
  MAX_PARTICIPANTS,
  ParticipantsService,
  ReadMarksService,
  SendService,
  ThreadsService,
} from '#messaging';
import { DEMO_THREADS } from '../demo/conversations.js';
import { presentOptionalTime } from '../http/responses.js';
import { presentPage } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { Problems } from '../http/problems.js';
import { RecipientLimit } from '../http/recipient-limit.js';
import { SetsCursor } from '../realtime/cursor-header.js';
import { markReplayed } from './replayed.js';
import { MessageResponse, presentMessage } from './message.presenters.js';
import { HistoryRequest, POST_MESSAGE_EXAMPLES, PostMessageRequest } from './message.requests.js';
import { historyPageOf } from './history.input.js';
import { groupOf, listOf } from './thread.input.js';
import {
  ReadThreadResponse,
  ThreadResponse,
  ThreadListResponse,
  ThreadPageResponse,
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
    private readonly threads: ThreadsService,
    private readonly participants: ParticipantsService,
    private readonly sends: SendService,
    private readonly readMarks: ReadMarksService,
    private readonly recipients: RecipientLimit,
  ) {}

  @Get()
  @Allow('person')
  @SetsCursor()
  @ApiOperation({
    operationId: 'listThreads',
    summary: 'List threads',
    description: 'Returns direct threads and groups, newest activity first.',
  })
  @ApiOkResponse({ type: ThreadListResponse })
  async list(
    @CurrentCaller() caller: PersonCaller,
    @Query() request: ListThreadsRequest,
  ): Promise<ThreadListResponse> {
    const page = await fetchPage(listOf(request), (list) => this.threads.list(caller, list));
    return presentPage(page, presentThread, ({ position }) => position);
  }

  @Post()
  @Allow('person')
  @ApiOperation({
    operationId: 'createThread',
    summary: 'Create a thread',
    description:
      'With `recipient_id`, returns the direct thread with that person, or creates it: two people have one direct thread. With `participant_ids` and `subject`, creates a group.\n\nThe caller must be allowed to write to every participant: otherwise 403 `role_not_allowed`, 403 `recipient_unavailable` or 409 `blocked_by_you`. For groups, `errors` lists each refused participant.',
  })
  @Problems('role_not_allowed', 'recipient_unavailable', 'blocked_by_you')
  @ApiBody({ type: StartThreadRequest, examples: START_THREAD_EXAMPLES })
  @ApiCreatedResponse({ type: ThreadResponse, description: 'It was created.' })
  @ApiOkResponse({ type: ThreadResponse, description: 'The direct thread existed.' })
  async start(
    @CurrentCaller() caller: PersonCaller,
    @Body() request: StartThreadRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ThreadResponse> {
    const group = groupOf(request);
    const atMost = group?.persons.length ?? 1;
    const { thread } = await this.recipients.admit({ caller, reply, atMost }, async () => {
      const started = group
        ? await this.threads.startGroup(caller, group)
        : await this.threads.startDirect(caller, request.recipient_id!);
      return { thread: started, recipients: started.created ? atMost : 0 };
    });
    void reply.status(thread.created ? 201 : 200);
    return presentThread(thread);
  }

  @Get(':id')
  @Allow('person')
  @SetsCursor()
  @ApiOperation({
    operationId: 'getThread',
    summary: 'Get a thread',
    description:
      'Returns a thread and a page of its messages, oldest first. The first page has the newest, unless `after_seq` or `around_seq` says where to begin. Nothing is marked as read.',
  })
  @ApiIdParam('id', 'A thread of the caller.', DEMO_THREADS.group.id)
  @ApiOkResponse({ type: ThreadPageResponse })
  async get(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Query() request: HistoryRequest,
  ): Promise<ThreadPageResponse> {
    return presentThreadPage(await this.threads.get(caller, id, historyPageOf(request)));
  }

  @Patch(':id')
  @Allow('person')
  @ApiOperation({
    operationId: 'updateThread',
    summary: 'Update a thread',
    description:
      'Mutes or archives the thread for the caller, or changes the subject of a group for everybody. Only the owner of a group, or a participant with the permission `messages:moderate`, can change the subject: otherwise 403 `forbidden`. A direct thread has no subject to change: 409 `conflict`.',
  })
  @Problems('conflict')
  @ApiIdParam('id', 'A thread of the caller.', DEMO_THREADS.group.id)
  @ApiOkResponse({ type: ThreadResponse })
  async change(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() change: PatchThreadRequest,
  ): Promise<ThreadResponse> {
    return presentThread(await this.participants.change(caller, id, change));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'deleteThread',
    summary: 'Delete a left group',
    description:
      'Removes a group that the caller has left from their lists and counts, until somebody adds them again. Returns 409 `conflict` for a direct thread, and for a group that the caller is still in.',
  })
  @Problems('conflict')
  @ApiIdParam('id', 'A group that the caller has left.', DEMO_THREADS.group.id)
  @ApiNoContentResponse()
  async hide(@CurrentCaller() caller: PersonCaller, @IdParam('id') id: string): Promise<void> {
    await this.participants.hide(caller, id);
  }

  @Post(':id/messages')
  @Allow('person')
  @ApiOperation({
    operationId: 'sendThreadMessage',
    summary: 'Send a message to a thread',
    description:
      'Returns 403 `forbidden` if the caller has left the thread. In a direct thread it returns the same errors as a message to a person.',
  })
  @Problems('role_not_allowed', 'recipient_unavailable', 'blocked_by_you')
  @ApiIdParam('id', 'A thread of the caller.', DEMO_THREADS.group.id)
  @ApiBody({ type: PostMessageRequest, examples: POST_MESSAGE_EXAMPLES })
  @ApiCreatedResponse({ type: MessageResponse })
  async post(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() input: PostMessageRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageResponse> {
    const sent = await this.recipients.admit({ caller, reply, atMost: MAX_PARTICIPANTS - 1 }, () =>
      this.sends.toThread(caller, id, input),
    );
    return presentMessage(markReplayed(sent, reply).message);
  }

  @Post(':id/read')
  @HttpCode(200)
  @Allow('person')
  @ApiOperation({
    operationId: 'markThreadRead',
    summary: 'Mark a thread as read',
    description: 'Marks all messages, or those up to `up_to`. The mark never moves back.',
  })
  @ApiIdParam('id', 'A thread of the caller.', DEMO_THREADS.group.id)
  @ApiOkResponse({ type: ReadThreadResponse })
  async read(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() { up_to }: ReadThreadRequest,
  ): Promise<ReadThreadResponse> {
    const { last_read_at, unread_count } = await this.readMarks.readThread(caller, id, up_to);
    return { last_read_at: presentOptionalTime(last_read_at), unread_count };
  }
}
