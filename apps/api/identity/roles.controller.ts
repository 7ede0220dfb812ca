import { Body, Controller, Delete, Get, HttpCode, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, CurrentCaller } from '#access';
import { fetchPage } from '#database';
import { type Caller, RolesService } from '#identity';
import { ListRequest, decodeCursor, presentPage } from '../http/list.js';
import { PutRoleRequest } from './identity.requests.js';
import { RoleResponse, RoleListResponse, presentRole } from './identity.presenters.js';
import { ApiRoleParam, RoleParam, isRoleName } from './role-param.js';
import { Problems } from '../http/problems.js';

@ApiTags('Administration')
@Controller('admin/roles')
export class RolesController {
  constructor(private readonly roles: RolesService) {}

  @Get()
  @Allow('roles:manage')
  @ApiOperation({ operationId: 'listRoles', summary: 'List roles', description: 'Sorted by name.' })
  @ApiOkResponse({ type: RoleListResponse })
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<RoleListResponse> {
    const after = decodeCursor(cursor, isRoleName);
    const page = await fetchPage({ limit, after }, (list) => this.roles.list(caller, list));
    return presentPage(page, presentRole, ({ name }) => name);
  }

  @Get(':name')
  @Allow('roles:manage')
  @ApiOperation({
    operationId: 'getRole',
    summary: 'Get a role',
    description: 'Returns the stored permissions of a role, and those that apply in this version.',
  })
  @ApiRoleParam('therapist')
  @ApiOkResponse({ type: RoleResponse })
  async get(@CurrentCaller() caller: Caller, @RoleParam() name: string): Promise<RoleResponse> {
    return presentRole(await this.roles.get(caller, name));
  }

  @Put(':name')
  @Allow('roles:manage')
  @ApiOperation({
    operationId: 'putRole',
    summary: 'Put a role',
    description:
      'Creates a role or replaces its permissions. A caller can grant or remove only permissions that they hold: otherwise 403 `forbidden`. Returns 409 `conflict` for the role admin, which has every permission, and if the organization has 100 roles.',
  })
  @ApiRoleParam('auditor')
  @ApiCreatedResponse({ type: RoleResponse, description: 'It was created.' })
  @ApiOkResponse({ type: RoleResponse, description: 'It existed and was replaced.' })
  async put(
    @CurrentCaller() caller: Caller,
    @RoleParam() name: string,
    @Body() { permissions }: PutRoleRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleResponse> {
    const role = await this.roles.put(caller, name, permissions);
    void reply.status(role.created ? 201 : 200);
    return presentRole(role);
  }

  @Delete(':name')
  @HttpCode(204)
  @Allow('roles:manage')
  @ApiOperation({
    operationId: 'deleteRole',
    summary: 'Delete a role',
    description: 'Returns 409 `conflict` while members have the role, and for the role admin.',
  })
  @Problems('conflict')
  @ApiRoleParam('auditor')
  @ApiNoContentResponse()
  async remove(@CurrentCaller() caller: Caller, @RoleParam() name: string): Promise<void> {
    await this.roles.remove(caller, name);
  }
}
