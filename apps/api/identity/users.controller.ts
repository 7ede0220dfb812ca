import { Controller, Delete, Get, HttpCode } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import { type Caller, Deletions } from '#identity';
import { DEMO_NEWCOMER } from '../demo/people.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { DeletionAnswer, presentDeletion } from './deletion.presenter.js';

@ApiTags('Platform')
@Controller('users')
export class UsersController {
  constructor(private readonly deletions: Deletions) {}

  @Delete(':id')
  @HttpCode(202)
  @Allow('platform')
  @ApiOperation({
    summary: 'Delete a person from everywhere',
    description:
      'From every organization, with all that is theirs; messages that they sent stay, from a deleted user. Their access ends at once, the rest is done in the background. Repeating the request answers how far it is. This cannot be undone.',
  })
  @ApiIdParam('id', 'The person.', DEMO_NEWCOMER.id)
  @ApiAcceptedResponse({ type: DeletionAnswer })
  async delete(@By() caller: Caller, @IdParam('id') id: string): Promise<DeletionAnswer> {
    return presentDeletion(await this.deletions.request(caller, id));
  }

  @Get(':id/deletion')
  @Allow('platform')
  @ApiOperation({
    summary: 'Get the progress of a deletion',
    description: 'Kept once it is done. Until then no organization can make a member with this id: 409.',
  })
  @ApiIdParam('id', 'The person.', DEMO_NEWCOMER.id)
  @ApiOkResponse({ type: DeletionAnswer })
  async get(@By() caller: Caller, @IdParam('id') id: string): Promise<DeletionAnswer> {
    return presentDeletion(await this.deletions.get(caller, id));
  }
}
