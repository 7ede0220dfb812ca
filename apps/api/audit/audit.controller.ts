import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { AuditLogService } from '#audit';
import { type Caller, isId } from '#identity';
import { ListRequest, decodeCursor, page } from '../http/list.js';
import { AuditListResponse, presentAuditEntry } from './audit.presenter.js';

@ApiTags('Administration')
@Controller('admin/audit')
export class AuditController {
  constructor(private readonly log: AuditLogService) {}

  @Get()
  @Allow('audit:read')
  @ApiOperation({
    operationId: 'listAuditEntries',
    summary: 'List audit entries',
    description:
      'Returns who changed what and who read what, newest first. Entries cannot be changed or deleted.',
  })
  @ApiOkResponse({ type: AuditListResponse })
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor }: ListRequest,
  ): Promise<AuditListResponse> {
    const rows = await this.log.list(caller, { limit: limit + 1, before: decodeCursor(cursor, isId) });
    return page(rows, limit, presentAuditEntry, ({ id }) => id);
  }
}
