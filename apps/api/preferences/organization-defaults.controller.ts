import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import type { Caller } from '#identity';
import { OrganizationDefaultsService } from '#preferences';
import { OrganizationDocument } from './document.models.js';
import { PATCH_DEFAULTS_EXAMPLES, PatchOrganizationDefaultsRequest } from './preferences.requests.js';

@ApiTags('Administration')
@Controller('admin/preferences')
export class OrganizationDefaultsController {
  constructor(private readonly defaults: OrganizationDefaultsService) {}

  @Get()
  @Allow('preferences:manage')
  @ApiOperation({
    operationId: 'getOrganizationPreferences',
    summary: "Get the organization's preferences",
    description: 'Returns the defaults for people without a choice of their own, and the locked choices.',
  })
  @ApiOkResponse({ type: OrganizationDocument })
  get(@CurrentCaller() caller: Caller): Promise<OrganizationDocument> {
    return this.defaults.get(caller);
  }

  @Patch()
  @Allow('preferences:manage')
  @ApiOperation({
    operationId: 'updateOrganizationPreferences',
    summary: "Update the organization's preferences",
    description:
      'A merge patch (RFC 7396): omitted fields stay unchanged, and null returns to the defaults of the types. Changes apply at once. To lock a choice, set it and add its path to `locked`. A type that the organization does not have returns 400 `validation_failed`.',
  })
  @ApiBody({ type: PatchOrganizationDefaultsRequest, examples: PATCH_DEFAULTS_EXAMPLES })
  @ApiOkResponse({ type: OrganizationDocument })
  patch(
    @CurrentCaller() caller: Caller,
    @Body() patch: PatchOrganizationDefaultsRequest,
  ): Promise<OrganizationDocument> {
    return this.defaults.patch(caller, { ...patch });
  }
}
