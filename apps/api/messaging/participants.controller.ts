import { Body, Controller, Delete, HttpCode, Param, Post, Res } from '@nestjs/common';
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
import type { PersonCaller } from '#identity';
import { Participants } from '#messaging';
import { DEMO_THREADS } from '../demo/conversations.js';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { ThreadAnswer, presentThread } from './thread.presenters.js';
import { AddParticipantRequest } from './thread.requests.js';

@ApiTags('Threads')
@Controller('messages/threads/:id/participants')
export class ParticipantsController {
  constructor(private readonly participants: Participants) {}

  @Post()
  @Allow('person')
  @ApiOperation({
    summary: 'Add somebody to a group',
    description:
      'By its owner, who must be allowed to write to them. They see what is sent from then on; who comes back begins anew.',
  })
  @ApiIdParam('id', 'A group of yours.', DEMO_THREADS.group.id)
  @ApiCreatedResponse({ type: ThreadAnswer, description: 'They are in it now.' })
  @ApiOkResponse({ type: ThreadAnswer, description: 'They were in it before.' })
  async add(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Body() { user_id }: AddParticipantRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ThreadAnswer> {
    const { thread, added } = await this.participants.add(caller, id, user_id);
    void reply.status(added ? 201 : 200);
    return presentThread(thread);
  }

  @Delete(':person')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    summary: 'Leave a group, or take somebody out of it',
    description: 'To take others out is for its owner. Whoever is out keeps what they have seen.',
  })
  @ApiIdParam('id', 'A group of yours.', DEMO_THREADS.group.id)
  @ApiParam({ name: 'person', description: 'By id or username.', example: DEMO_PEOPLE.ulf.username })
  @ApiNoContentResponse()
  async remove(
    @By() caller: PersonCaller,
    @IdParam('id') id: string,
    @Param('person') person: string,
  ): Promise<void> {
    await this.participants.remove(caller, id, person);
  }
}
