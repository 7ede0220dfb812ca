import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { MembersService, type PersonCaller } from '#identity';
import { PatchVisibilityRequest } from './identity.requests.js';
import { MeResponse, VisibilityResponse, presentMe, presentVisibility } from './identity.presenters.js';

@ApiTags('People')
@Controller('me')
export class MeController {
  constructor(private readonly members: MembersService) {}

  @Get()
  @Allow('person')
  @ApiOperation({
    operationId: 'getMe',
    summary: 'Get my profile',
    description: 'Returns the profile, permissions and visibility of the caller, and their organization.',
  })
  @ApiOkResponse({ type: MeResponse })
  async get(@CurrentCaller() caller: PersonCaller): Promise<MeResponse> {
    return presentMe(await this.members.me(caller), caller.permissions);
  }

  @Patch('visibility')
  @Allow('person')
  @ApiOperation({
    operationId: 'updateMyVisibility',
    summary: 'Update my visibility',
    description:
      'Sets whose messages the caller accepts, whether they are in the directory, and whether others see what they have read, and when they are connected. Omitted fields keep their values.',
  })
  @ApiOkResponse({ type: VisibilityResponse })
  async setVisibility(
    @CurrentCaller() caller: PersonCaller,
    @Body() change: PatchVisibilityRequest,
  ): Promise<VisibilityResponse> {
    return presentVisibility(await this.members.setVisibility(caller, change));
  }
}
