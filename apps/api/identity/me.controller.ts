import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import { Members, type PersonCaller } from '#identity';
import { PatchVisibilityRequest } from './identity.requests.js';
import { MeAnswer, VisibilityAnswer, presentMe, presentVisibility } from './identity.presenters.js';

@ApiTags('People')
@Controller('me')
export class MeController {
  constructor(private readonly members: Members) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    operationId: 'getMe',
    summary: 'Get my profile',
    description: 'Returns the profile, permissions and visibility of the caller, and their organization.',
  })
  @ApiOkResponse({ type: MeAnswer })
  async get(@By() caller: PersonCaller): Promise<MeAnswer> {
    return presentMe(await this.members.me(caller), caller.permissions);
  }

  @Patch('visibility')
  @Allow('person')
  @ApiOperation({
    operationId: 'updateMyVisibility',
    summary: 'Update my visibility',
    description:
      'Sets who may write to the caller, who finds them in the directory, and whether others see what they have read. Fields that are left out keep their values.',
  })
  @ApiOkResponse({ type: VisibilityAnswer })
  async setVisibility(
    @By() caller: PersonCaller,
    @Body() change: PatchVisibilityRequest,
  ): Promise<VisibilityAnswer> {
    return presentVisibility(await this.members.setVisibility(caller, change));
  }
}
