import { Body, Controller, Delete, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, By } from '#access';
import type { Caller } from '#identity';
import { GroupModeration } from '#messaging';
import { Problem, invalidField } from '#problem';
import { DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import {
  ModerateGroupRequest,
  ModerateParticipantRequest,
  RemoveParticipantRequest,
} from './group-moderation.requests.js';
import { OverseenThreadAnswer, presentOverseenThread } from './oversight.presenters.js';

@ApiTags('Oversight')
@Controller('admin/threads/:id')
export class GroupModerationController {
  constructor(private readonly moderation: GroupModeration) {}

  @Patch()
  @Allow('messages:moderate')
  @ApiOperation({
    summary: 'Change the owner or the subject of a group',
    description:
      'Of any group of the organization; the new owner must be in it, 409 otherwise. The reason is kept in the audit log.',
  })
  @ApiIdParam('id', 'Any group of the organization.', DEMO_THREADS.group.id)
  @ApiOkResponse({ type: OverseenThreadAnswer })
  async change(
    @By() caller: Caller,
    @IdParam('id') id: string,
    @Body() { owner, subject, reason }: ModerateGroupRequest,
  ): Promise<OverseenThreadAnswer> {
    if (owner === undefined && subject === undefined) throw invalidField('owner', 'or subject must be there');
    const thread = await this.moderation.change(caller, id, { owner, subject }, required(reason));
    return presentOverseenThread(thread);
  }

  @Post('participants')
  @Allow('messages:moderate')
  @ApiOperation({
    summary: 'Add a member to a group as a moderator',
    description:
      'To any group of the organization, whatever the messaging rules say. Where nobody owns it, they do. The reason is kept in the audit log.',
  })
  @ApiIdParam('id', 'Any group of the organization.', DEMO_THREADS.group.id)
  @ApiCreatedResponse({ type: OverseenThreadAnswer, description: 'They are in it now.' })
  @ApiOkResponse({ type: OverseenThreadAnswer, description: 'They were in it before.' })
  async add(
    @By() caller: Caller,
    @IdParam('id') id: string,
    @Body() { user_id, reason }: ModerateParticipantRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OverseenThreadAnswer> {
    const { thread, added } = await this.moderation.add(caller, id, user_id, required(reason));
    void reply.status(added ? 201 : 200);
    return presentOverseenThread(thread);
  }

  @Delete('participants/:person')
  @HttpCode(204)
  @Allow('messages:moderate')
  @ApiOperation({
    summary: 'Remove somebody from a group as a moderator',
    description:
      'From any group of the organization. Where they owned it, the longest-standing member does. The reason is kept in the audit log.',
  })
  @ApiIdParam('id', 'Any group of the organization.', DEMO_THREADS.group.id)
  @ApiParam({ name: 'person', description: 'By id or username.', example: DEMO_PEOPLE.ulf.username })
  @ApiNoContentResponse()
  async remove(
    @By() caller: Caller,
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
