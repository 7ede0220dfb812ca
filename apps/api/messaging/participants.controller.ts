import { Body, Controller, Delete, HttpCode, Param, Post, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentCaller } from '#access';
import type { PersonCaller } from '#identity';
import { ParticipantsService } from '#messaging';
import { DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ApiIdParam, ApiPersonParam, IdParam } from '../http/params.js';
import { Problems } from '../http/problems.js';
import { ThreadResponse, presentThread } from './thread.presenters.js';
import { AddParticipantRequest } from './thread.requests.js';

@ApiTags('Threads')
@Controller('messages/threads/:id/participants')
export class ParticipantsController {
  constructor(private readonly participants: ParticipantsService) {}

  @Post()
  @Allow('person')
  @ApiOperation({
    operationId: 'addParticipant',
    summary: 'Add a participant',
    description:
      'Adds a person to a group. They see messages from then on. Only the owner, or a participant with the permission `messages:moderate`, can add people: otherwise 403 `forbidden`. They must be allowed to write to the person: otherwise 403 `role_not_allowed`, 403 `recipient_unavailable` or 409 `blocked_by_you`. Returns 409 `conflict` for a direct thread and for a full group.',
  })
  @Problems('role_not_allowed', 'recipient_unavailable', 'conflict', 'blocked_by_you')
  @ApiIdParam('id', 'A group of the caller.', DEMO_THREADS.group.id)
  @ApiCreatedResponse({ type: ThreadResponse, description: 'The person was added.' })
  @ApiOkResponse({ type: ThreadResponse, description: 'The person was a participant already.' })
  async add(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() { user_id }: AddParticipantRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ThreadResponse> {
    const { thread, added } = await this.participants.add(caller, id, user_id);
    void reply.status(added ? 201 : 200);
    return presentThread(thread);
  }

  @Delete(':person')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'removeParticipant',
    summary: 'Remove a participant',
    description:
      'Leaves a group, or removes somebody else from it. Only the owner, or a participant with the permission `messages:moderate`, can remove others: otherwise 403 `forbidden`. People who leave keep access to the messages up to then. A direct thread cannot be left: 409 `conflict`.',
  })
  @Problems('conflict')
  @ApiIdParam('id', 'A group of the caller.', DEMO_THREADS.group.id)
  @ApiPersonParam(DEMO_PEOPLE.ulf.username)
  @ApiNoContentResponse()
  async remove(
    @CurrentCaller() caller: PersonCaller,
    @IdParam('id') id: string,
    @Param('person') person: string,
  ): Promise<void> {
    await this.participants.remove(caller, id, person);
  }
}
