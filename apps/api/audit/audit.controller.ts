import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { AuditLogService } from '#audit';
import { fetchPage } from '#database';
import { type Caller, isId } from '#identity';
import { ListRequest, decodeCursor, presentPage } from '../http/list.js';
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
    const before = decodeCursor(cursor, isId);
    const page = await fetchPage({ limit, before }, (list) => this.log.list(caller, list));
    return presentPage(page, presentAuditEntry, ({ id }) => id);
  }
}
