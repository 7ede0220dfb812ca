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
  @ApiOperation({ summary: 'See who I am here' })
  @ApiOkResponse({ type: MeAnswer })
  async get(@By() caller: PersonCaller): Promise<MeAnswer> {
    return presentMe(await this.members.me(caller), caller.permissions);
  }

  @Patch('visibility')
  @Allow('person')
  @ApiOperation({
    summary: 'Choose who reaches and sees me',
    description: 'What is left out stays as it is.',
  })
  @ApiOkResponse({ type: VisibilityAnswer })
  async setVisibility(
    @By() caller: PersonCaller,
    @Body() change: PatchVisibilityRequest,
  ): Promise<VisibilityAnswer> {
    return presentVisibility(await this.members.setVisibility(caller, change));
  }
}
