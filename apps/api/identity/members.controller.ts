import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentCaller } from '#access';
import { DirectoryService } from '#blocking';
import { fetchPage } from '#database';
import { type Caller, MembersService } from '#identity';
import { DEMO_NEWCOMER, DEMO_PEOPLE } from '../demo/people.js';
import { decodeCursor, presentPage } from '../http/list.js';
import { ApiIdParam, ApiPersonParam, IdParam } from '../http/params.js';
import { ListMembersRequest, PutMemberRequest } from './identity.requests.js';
import {
  MemberResponse,
  ProfileResponse,
  ProfileListResponse,
  presentMember,
  presentProfile,
} from './identity.presenters.js';

@ApiTags('People')
@Controller('members')
export class MembersController {
  constructor(
    private readonly members: MembersService,
    private readonly directory: DirectoryService,
  ) {}

  @Put(':person')
  @Allow('members:manage')
  @ApiOperation({
    operationId: 'putMember',
    summary: 'Put a member',
    description:
      'Creates or replaces the membership of a person in this organization, and creates the user if no user has this id. Omitted optional fields are cleared. Other organizations of the person do not change.\n\nA caller can assign a role, or change a member who has it, only if they hold all its permissions: otherwise 403 `forbidden`. Returns 409 `conflict` if another member has this username, while the person is being deleted, and while a removed person is leaving their groups.',
  })
  @ApiIdParam('person', 'The person: the UUID that your back end uses.', DEMO_NEWCOMER.id)
  @ApiCreatedResponse({ type: MemberResponse, description: 'The member was created.' })
  @ApiOkResponse({ type: MemberResponse, description: 'The member existed and was replaced.' })
  async put(
    @CurrentCaller() caller: Caller,
    @IdParam('person') userId: string,
    @Body() input: PutMemberRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MemberResponse> {
    const member = await this.members.put(caller, userId, input);
    void reply.status(member.created ? 201 : 200);
    return presentMember(member);
  }

  @Delete(':person')
  @HttpCode(204)
  @Allow('members:manage')
  @ApiOperation({
    operationId: 'deleteMember',
    summary: 'Delete a member',
    description:
      'Ends the membership. Access ends within five seconds. The person leaves all groups: 500 before the response, and more right after it. Messages remain, and the username becomes free. Returns 403 `forbidden` if the member has a permission that the caller lacks.',
  })
  @ApiIdParam('person', 'The person.', DEMO_NEWCOMER.id)
  @ApiNoContentResponse()
  async remove(@CurrentCaller() caller: Caller, @IdParam('person') userId: string): Promise<void> {
    await this.members.remove(caller, userId);
  }

  @Get()
  @Allow('person', 'members:manage')
  @ApiOperation({
    operationId: 'listMembers',
    summary: 'List members',
    description:
      'Searches the directory, sorted by username. Hidden people, and people who have blocked the caller, are left out. Callers with the permission `members:manage` see everybody.',
  })
  @ApiOkResponse({ type: ProfileListResponse })
  async list(
    @CurrentCaller() caller: Caller,
    @Query() request: ListMembersRequest,
  ): Promise<ProfileListResponse> {
    const { limit, cursor, ...filter } = request;
    const after = decodeCursor(cursor, (text) => text !== '' && !text.includes('\0'));
    const page = await fetchPage({ ...filter, after, limit }, (list) => this.directory.list(caller, list));
    return presentPage(page, presentProfile, ({ username_key }) => username_key);
  }

  @Get(':person')
  @Allow('person', 'members:manage')
  @ApiOperation({
    operationId: 'getMember',
    summary: 'Get a member',
    description:
      'Returns the profile of a member. A member who is hidden, or who has blocked the caller, returns 404 `not_found`.',
  })
  @ApiPersonParam(DEMO_PEOPLE.theo.username)
  @ApiOkResponse({ type: ProfileResponse })
  async get(@CurrentCaller() caller: Caller, @Param('person') person: string): Promise<ProfileResponse> {
    return presentProfile(await this.directory.get(caller, person));
  }
}
