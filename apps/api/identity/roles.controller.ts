import { Body, Controller, Delete, Get, HttpCode, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Allow, By } from '#access';
import { type Caller, Roles } from '#identity';
import { ListRequest, decodeCursor, page } from '../http/list.js';
import { PutRoleRequest } from './identity.requests.js';
import { RoleAnswer, RoleListAnswer, presentRole } from './identity.presenters.js';
import { ApiRoleParam, RoleParam, isRoleName } from './role-param.js';

@ApiTags('Administration')
@Controller('admin/roles')
export class RolesController {
  constructor(private readonly roles: Roles) {}

  @Get()
  @Allow('roles:manage')
  @ApiOperation({ summary: 'List roles', description: 'In the order of their names.' })
  @ApiOkResponse({ type: RoleListAnswer })
  async list(@By() caller: Caller, @Query() { limit, cursor }: ListRequest): Promise<RoleListAnswer> {
    const after = decodeCursor(cursor, isRoleName);
    const rows = await this.roles.list(caller, { limit: limit + 1, after });
    return page(rows, limit, presentRole, ({ name }) => name);
  }

  @Get(':name')
  @Allow('roles:manage')
  @ApiOperation({ summary: 'See a role' })
  @ApiRoleParam('therapist')
  @ApiOkResponse({ type: RoleAnswer })
  async get(@By() caller: Caller, @RoleParam() name: string): Promise<RoleAnswer> {
    return presentRole(await this.roles.get(caller, name));
  }

  @Put(':name')
  @Allow('roles:manage')
  @ApiOperation({
    summary: 'Make or change a role',
    description:
      'You can put into a role, or take out of it, only what you may do yourself. admin stays as it is.',
  })
  @ApiRoleParam('auditor')
  @ApiCreatedResponse({ type: RoleAnswer, description: 'New.' })
  @ApiOkResponse({ type: RoleAnswer, description: 'Known, and changed.' })
  async put(
    @By() caller: Caller,
    @RoleParam() name: string,
    @Body() { permissions }: PutRoleRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleAnswer> {
    const role = await this.roles.put(caller, name, permissions);
    void reply.status(role.created ? 201 : 200);
    return presentRole(role);
  }

  @Delete(':name')
  @HttpCode(204)
  @Allow('roles:manage')
  @ApiOperation({ summary: 'Delete a role', description: '409 while members have it.' })
  @ApiRoleParam('auditor')
  @ApiNoContentResponse()
  async remove(@By() caller: Caller, @RoleParam() name: string): Promise<void> {
    await this.roles.remove(caller, name);
  }
}
