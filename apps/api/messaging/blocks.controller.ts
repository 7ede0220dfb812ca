import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, By } from '#access';
import { type BlockedPerson, Blocking } from '#blocking';
import { type PersonCaller, isId } from '#identity';
import { Barriers } from '#messaging';
import { DEMO_PEOPLE } from '../demo/people.js';
import { presentTime, time } from '../http/answers.js';
import { ListAnswer, ListRequest, decodeCursor, page } from '../http/list.js';

const { ulf } = DEMO_PEOPLE;

export class BlockedPersonAnswer {
  @ApiProperty({ format: 'uuid', example: ulf.id }) user_id!: string;
  @ApiProperty({ example: ulf.username }) username!: string;
  @ApiProperty({ example: ulf.display_name }) display_name!: string;
  @ApiProperty(time) blocked_at!: string;
}

export class BlockedListAnswer extends ListAnswer {
  @ApiProperty({ type: [BlockedPersonAnswer] }) data!: BlockedPersonAnswer[];
}

const presentBlocked = ({ user_id, username, display_name, blocked_at }: BlockedPerson) => ({
  user_id,
  username,
  display_name,
  blocked_at: presentTime(blocked_at),
});

const ApiPerson = () =>
  ApiParam({ name: 'person', description: 'The person, by id or username.', example: ulf.username });

@ApiTags('Blocking')
@Controller('messages/users')
export class BlocksController {
  constructor(
    private readonly barriers: Barriers,
    private readonly blocking: Blocking,
  ) {}

  @Get('blocked')
  @Allow('person')
  @ApiOperation({
    operationId: 'listBlockedPeople',
    summary: 'List blocked people',
    description: 'Returns the people whom the caller has blocked. Nobody else can see this list.',
  })
  @ApiOkResponse({ type: BlockedListAnswer })
  async list(
    @By() caller: PersonCaller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<BlockedListAnswer> {
    const rows = await this.blocking.list(caller, { limit: limit + 1, after: decodeCursor(cursor, isId) });
    return page(rows, limit, presentBlocked, ({ user_id }) => user_id);
  }

  @Post(':person/block')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'blockPerson',
    summary: 'Block a person',
    description:
      'The person can neither write to the caller nor see their profile, and is not told. The caller sees none of their messages until they unblock them. Repeating it changes nothing.',
  })
  @ApiPerson()
  @ApiNoContentResponse()
  async block(@By() caller: PersonCaller, @Param('person') person: string): Promise<void> {
    await this.barriers.block(caller, person);
  }

  @Delete(':person/block')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'unblockPerson',
    summary: 'Unblock a person',
    description: 'Everything that the block hid is visible again. Repeating it changes nothing.',
  })
  @ApiPerson()
  @ApiNoContentResponse()
  async unblock(@By() caller: PersonCaller, @Param('person') person: string): Promise<void> {
    await this.barriers.unblock(caller, person);
  }
}
