import { Body, Controller, Get, Put, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentCaller } from '#access';
import { type Caller, OrganizationsService } from '#identity';
import { DEMO_ORGANIZATION } from '../demo/people.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import { PutOrganizationRequest } from './identity.requests.js';
import { OrganizationResponse, presentOrganization } from './identity.presenters.js';

@ApiTags('Platform')
@Controller()
export class OrganizationsController {
  constructor(private readonly organizations: OrganizationsService) {}

  @Put('organizations/:id')
  @Allow('platform')
  @ApiOperation({
    operationId: 'putOrganization',
    summary: 'Put an organization',
    description:
      'Creates an organization with the default roles, or renames it. Returns 409 `conflict` for the reserved id of the platform itself.',
  })
  @ApiIdParam('id', 'The organization: a UUID of your choice.', DEMO_ORGANIZATION.id)
  @ApiCreatedResponse({ type: OrganizationResponse, description: 'It was created.' })
  @ApiOkResponse({ type: OrganizationResponse, description: 'The organization existed and was renamed.' })
  async put(
    @CurrentCaller() caller: Caller,
    @IdParam('id') id: string,
    @Body() { name }: PutOrganizationRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrganizationResponse> {
    const organization = await this.organizations.put(caller, id, name);
    void reply.status(organization.created ? 201 : 200);
    return presentOrganization(organization);
  }

  @Get('organizations/:id')
  @Allow('platform')
  @ApiOperation({
    operationId: 'getOrganization',
    summary: 'Get an organization',
    description: 'Returns the name of an organization and when it changed.',
  })
  @ApiIdParam('id', 'The organization.', DEMO_ORGANIZATION.id)
  @ApiOkResponse({ type: OrganizationResponse })
  async get(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<OrganizationResponse> {
    return presentOrganization(await this.organizations.get(caller, id));
  }
}
