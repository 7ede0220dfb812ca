import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
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
import { Directory } from '#blocking';
import { type Caller, Members } from '#identity';
import { DEMO_NEWCOMER, DEMO_PEOPLE } from '../demo/people.js';
import { decodeCursor, page } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { ListMembersRequest, PutMemberRequest } from './identity.requests.js';
import {
  MemberAnswer,
  ProfileAnswer,
  ProfileListAnswer,
  presentMember,
  presentProfile,
} from './identity.presenters.js';

@ApiTags('People')
@Controller('members')
export class MembersController {
  constructor(
    private readonly members: Members,
    private readonly directory: Directory,
  ) {}

  @Put(':user_id')
  @Allow('members:manage')
  @ApiOperation({
    summary: 'Make a person a member, or change the member',
    description:
      'Makes the user too if there is none with this id. What is left out is cleared. Other organizations of the person are not touched. To give a role, or to change somebody who has it, you need all its permissions yourself.',
  })
  @ApiIdParam('user_id', "The person, by your own back end's id.", DEMO_NEWCOMER.id)
  @ApiCreatedResponse({ type: MemberAnswer, description: 'A new member.' })
  @ApiOkResponse({ type: MemberAnswer, description: 'A known one, changed.' })
  async put(
    @By() caller: Caller,
    @IdParam('user_id') userId: string,
    @Body() input: PutMemberRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberAnswer> {
    const member = await this.members.put(caller, userId, input);
    void reply.status(member.created ? 201 : 200);
    return presentMember(member);
  }

  @Delete(':user_id')
  @HttpCode(204)
  @Allow('members:manage')
  @ApiOperation({
    summary: 'Remove a member',
    description: 'They are out within five seconds. What they wrote stays; the username is free again.',
  })
  @ApiIdParam('user_id', 'The person.', DEMO_NEWCOMER.id)
  @ApiNoContentResponse()
  async remove(@By() caller: Caller, @IdParam('user_id') userId: string): Promise<void> {
    await this.members.remove(caller, userId);
  }

  @Get()
  @Allow('person', 'members:manage')
  @ApiOperation({
    summary: 'Search the directory',
    description:
      'In the order of usernames. `query` matches the beginnings of words. Hidden people are shown to managers only.',
  })
  @ApiOkResponse({ type: ProfileListAnswer })
  async list(@By() caller: Caller, @Query() request: ListMembersRequest): Promise<ProfileListAnswer> {
    const { limit, cursor, ...filter } = request;
    const after = decodeCursor(cursor, (text) => text !== '' && !text.includes('\0'));
    const rows = await this.directory.list(caller, { ...filter, after, limit: limit + 1 });
    return page(rows, limit, presentProfile, ({ username_key }) => username_key);
  }

  @Get(':person')
  @Allow('person', 'members:manage')
  @ApiOperation({ summary: 'See a profile' })
  @ApiParam({ name: 'person', description: 'By id or username.', example: DEMO_PEOPLE.theo.username })
  @ApiOkResponse({ type: ProfileAnswer })
  async get(@By() caller: Caller, @Param('person') person: string): Promise<ProfileAnswer> {
    return presentProfile(await this.directory.get(caller, person));
  }
}
