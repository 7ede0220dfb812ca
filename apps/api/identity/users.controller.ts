import { Controller, Delete, Get, HttpCode } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { type Caller, DeletionsService } from '#identity';
import { DEMO_NEWCOMER } from '../demo/people.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { DeletionResponse, presentDeletion } from './deletion.presenter.js';

@ApiTags('Platform')
@Controller('users')
export class UsersController {
  constructor(private readonly deletions: DeletionsService) {}

  @Delete(':id')
  @HttpCode(202)
  @Allow('platform')
  @ApiOperation({
    operationId: 'deleteUser',
    summary: 'Delete a user',
    description:
      'Deletes a person from every organization, with all their data. Their messages remain without a sender. Access ends at once, and the rest is done in the background. This cannot be undone. A repeated request returns the progress.',
  })
  @ApiIdParam('id', 'The person.', DEMO_NEWCOMER.id)
  @ApiAcceptedResponse({ type: DeletionResponse })
  async delete(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<DeletionResponse> {
    return presentDeletion(await this.deletions.request(caller, id));
  }

  @Get(':id/deletion')
  @Allow('platform')
  @ApiOperation({
    operationId: 'getUserDeletion',
    summary: 'Get a user deletion',
    description:
      'Returns the progress of a deletion, even after it has finished. Until then, no organization can create a member with this id.',
  })
  @ApiIdParam('id', 'The person.', DEMO_NEWCOMER.id)
  @ApiOkResponse({ type: DeletionResponse })
  async get(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<DeletionResponse> {
    return presentDeletion(await this.deletions.get(caller, id));
  }
}
