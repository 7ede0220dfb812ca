import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentCaller } from '#access';
import type { Caller } from '#identity';
import { GroupModerationService } from '#messaging';
import { Problem, invalidField } from '#problem';
import { DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ApiIdParam, ApiPersonParam, IdParam } from '../http/params.js';
import { Problems } from '../http/problems.js';
import {
  ModerateGroupRequest,
  ModerateParticipantRequest,
  RemoveParticipantRequest,
} from './group-moderation.requests.js';
import { OverseenThreadResponse, presentOverseenThread } from './oversight.presenters.js';

@ApiTags('Oversight')
@Controller('admin/threads/:id')
export class GroupModerationController {
  constructor(private readonly moderation: GroupModerationService) {}

  @Patch()
  @Allow('messages:moderate')
  @ApiOperation({
    operationId: 'moderateThread',
    summary: 'Moderate a group',
    description:
      'Changes the owner or the subject of any group of the organization. The audit log keeps the reason; without one it returns 400 `reason_required`. Returns 409 `conflict` for a direct thread, and if the new owner is not in the group.',
  })
  @Problems('reason_required', 'conflict')
  @ApiIdParam('id', 'Any group of the organization.', DEMO_THREADS.group.id)
  @ApiOkResponse({ type: OverseenThreadResponse })
  async change(
    @CurrentCaller() caller: Caller,
    @IdParam('id') id: string,
    @Body() { owner, subject, reason }: ModerateGroupRequest,
  ): Promise<OverseenThreadResponse> {
    if (owner === undefined && subject === undefined) throw invalidField('owner', 'or subject is required');
    const thread = await this.moderation.change(caller, id, { owner, subject }, required(reason));
    return presentOverseenThread(thread);
  }

  @Post('participants')
  @Allow('messages:moderate')
  @ApiOperation({
    operationId: 'addModeratedParticipant',
    summary: 'Add a participant to any group',
    description:
      'Adds a member to any group of the organization, whatever the messaging rules say. A group without an owner gets them as its owner. The audit log keeps the reason; without one it returns 400 `reason_required`. Returns 409 `conflict` for a direct thread and for a full group.',
  })
  @Problems('reason_required', 'conflict')
  @ApiIdParam('id', 'Any group of the organization.', DEMO_THREADS.group.id)
  @ApiCreatedResponse({ type: OverseenThreadResponse, description: 'The person was added.' })
  @ApiOkResponse({ type: OverseenThreadResponse, description: 'The person was a participant already.' })
  async add(
    @CurrentCaller() caller: Caller,
    @IdParam('id') id: string,
    @Body() { user_id, reason }: ModerateParticipantRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OverseenThreadResponse> {
    const { thread, added } = await this.moderation.add(caller, id, user_id, required(reason));
    void reply.status(added ? 201 : 200);
    return presentOverseenThread(thread);
  }

  @Delete('participants/:person')
  @HttpCode(204)
  @Allow('messages:moderate')
  @ApiOperation({
    operationId: 'removeModeratedParticipant',
    summary: 'Remove a participant from any group',
    description:
      'Removes a person from any group of the organization. If they owned it, the longest-standing participant becomes the owner. The audit log keeps the reason; without one it returns 400 `reason_required`. Returns 409 `conflict` for a direct thread.',
  })
  @Problems('reason_required', 'conflict')
  @ApiIdParam('id', 'Any group of the organization.', DEMO_THREADS.group.id)
  @ApiPersonParam(DEMO_PEOPLE.ulf.username)
  @ApiNoContentResponse()
  async remove(
    @CurrentCaller() caller: Caller,
    @IdParam('id') id: string,
    @Param('person') person: string,
    @Body() { reason }: RemoveParticipantRequest,
  ): Promise<void> {
    await this.moderation.remove(caller, id, person, required(reason));
  }
}

function required(reason: string | undefined): string {
  if (reason === undefined) throw new Problem('reason_required');
  return reason;
}
