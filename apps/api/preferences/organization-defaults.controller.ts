import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import type { Caller } from '#identity';
import { OrganizationDefaults } from '#preferences';
import { OrganizationDocument } from './document.models.js';
import { PATCH_DEFAULTS_EXAMPLES, PatchOrganizationDefaultsRequest } from './preferences.requests.js';

@ApiTags('Administration')
@Controller('admin/preferences')
export class OrganizationDefaultsController {
  constructor(private readonly defaults: OrganizationDefaults) {}

  @Get()
  @Allow('preferences:manage')
  @ApiOperation({ summary: 'See what the organization has chosen for its people, and what it has locked' })
  @ApiOkResponse({ type: OrganizationDocument })
  get(@By() caller: Caller): Promise<OrganizationDocument> {
    return this.defaults.get(caller);
  }

  @Patch()
  @Allow('preferences:manage')
  @ApiOperation({
    summary: 'Choose for everybody who has not chosen, or lock a choice',
    description:
      'A merge patch (RFC 7396): what is left out stays, null goes back to what the types say. It holds at once. To lock a choice, choose it and name its path in locked.',
  })
  @ApiBody({ type: PatchOrganizationDefaultsRequest, examples: PATCH_DEFAULTS_EXAMPLES })
  @ApiOkResponse({ type: OrganizationDocument })
  patch(
    @By() caller: Caller,
    @Body() patch: PatchOrganizationDefaultsRequest,
  ): Promise<OrganizationDocument> {
    return this.defaults.patch(caller, { ...patch });
  }
}
