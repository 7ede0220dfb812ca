import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { type BlockedPerson, BlockingService } from '#blocking';
import { fetchPage } from '#database';
import { type PersonCaller, isId } from '#identity';
import { BlocksService } from '#messaging';
import { DEMO_PEOPLE } from '../demo/people.js';
import { ApiPersonParam } from '../http/params.js';
import { presentTime, time } from '../http/responses.js';
import { ListResponse, ListRequest, decodeCursor, presentPage } from '../http/list.js';

const { ulf } = DEMO_PEOPLE;

export class BlockedPersonResponse {
  @ApiProperty({ format: 'uuid', example: ulf.id }) user_id!: string;
  @ApiProperty({ example: ulf.username }) username!: string;
  @ApiProperty({ example: ulf.display_name }) display_name!: string;
  @ApiProperty(time) blocked_at!: string;
}

export class BlockedListResponse extends ListResponse {
  @ApiProperty({ type: [BlockedPersonResponse] }) data!: BlockedPersonResponse[];
}

const presentBlocked = ({ user_id, username, display_name, blocked_at }: BlockedPerson) => ({
  user_id,
  username,
  display_name,
  blocked_at: presentTime(blocked_at),
});

@ApiTags('Blocking')
@Controller('messages/users')
export class BlocksController {
  constructor(
    private readonly blocks: BlocksService,
    private readonly blocking: BlockingService,
  ) {}

  @Get('blocked')
  @Allow('person')
  @ApiOperation({
    operationId: 'listBlockedPeople',
    summary: 'List blocked people',
    description: 'Returns the people that the caller has blocked. Nobody else can see this list.',
  })
  @ApiOkResponse({ type: BlockedListResponse })
  async list(
    @CurrentCaller() caller: PersonCaller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<BlockedListResponse> {
    const after = decodeCursor(cursor, isId);
    const page = await fetchPage({ limit, after }, (list) => this.blocking.list(caller, list));
    return presentPage(page, presentBlocked, ({ user_id }) => user_id);
  }

  @Post(':person/block')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'blockPerson',
    summary: 'Block a person',
    description:
      'The person can neither write to the caller nor see their profile, and is not notified of the block. Their messages are hidden from the caller until they are unblocked. Repeating the request changes nothing.',
  })
  @ApiPersonParam(ulf.username)
  @ApiNoContentResponse()
  async block(@CurrentCaller() caller: PersonCaller, @Param('person') person: string): Promise<void> {
    await this.blocks.block(caller, person);
  }

  @Delete(':person/block')
  @HttpCode(204)
  @Allow('person')
  @ApiOperation({
    operationId: 'unblockPerson',
    summary: 'Unblock a person',
    description: 'Messages that the block hid become visible again. Repeating the request changes nothing.',
  })
  @ApiPersonParam(ulf.username)
  @ApiNoContentResponse()
  async unblock(@CurrentCaller() caller: PersonCaller, @Param('person') person: string): Promise<void> {
    await this.blocks.unblock(caller, person);
  }
}
