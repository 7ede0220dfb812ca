import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Allow, By } from '#access';
import { ApiKeys, type Caller, isId } from '#identity';
import { DEMO_API_KEY } from '../demo/people.js';
import { ListRequest, decodeCursor, page } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { CreateApiKeyRequest } from './identity.requests.js';
import {
  ApiKeyListAnswer,
  NewApiKeyAnswer,
  presentListedApiKey,
  presentNewApiKey,
} from './identity.presenters.js';

@ApiTags('Administration')
@Controller('admin/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeys) {}

  @Get()
  @Allow('keys:manage')
  @ApiOperation({
    summary: 'List the live API keys',
    description: 'Newest first, without their secrets. A key whose creator has been removed is marked.',
  })
  @ApiOkResponse({ type: ApiKeyListAnswer })
  async list(@By() caller: Caller, @Query() { limit, cursor }: ListRequest): Promise<ApiKeyListAnswer> {
    const rows = await this.keys.list(caller, { limit: limit + 1, before: decodeCursor(cursor, isId) });
    return page(rows, limit, presentListedApiKey, ({ id }) => id);
  }

  @Post()
  @Allow('keys:manage')
  @ApiOperation({
    summary: 'Make an API key for a service',
    description:
      'To rotate, make a second key of the same name, put it in place, then revoke the first. A key can have only scopes that you have yourself.',
  })
  @ApiCreatedResponse({ type: NewApiKeyAnswer })
  async create(@By() caller: Caller, @Body() input: CreateApiKeyRequest): Promise<NewApiKeyAnswer> {
    return presentNewApiKey(await this.keys.create(caller, input));
  }

  @Delete(':id')
  @HttpCode(204)
  @Allow('keys:manage')
  @ApiOperation({
    summary: 'Revoke an API key',
    description: 'It is refused everywhere within five seconds.',
  })
  @ApiIdParam('id', 'As the list shows it.', DEMO_API_KEY.id)
  @ApiNoContentResponse()
  async revoke(@By() caller: Caller, @IdParam('id') id: string): Promise<void> {
    await this.keys.revoke(caller, id);
  }
}
