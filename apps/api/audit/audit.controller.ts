import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import { AuditLog } from '#audit';
import { type Caller, isId } from '#identity';
import { ListRequest, decodeCursor, page } from '../http/list.js';
import { AuditListAnswer, presentAuditEntry } from './audit.presenter.js';

@ApiTags('Administration')
@Controller('admin/audit')
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @Allow('audit:read')
  @ApiOperation({
    operationId: 'listAuditEntries',
    summary: 'List audit entries',
    description:
      'Returns who changed what and who read what, newest first. Entries cannot be changed or deleted.',
  })
  @ApiOkResponse({ type: AuditListAnswer })
  async list(@By() caller: Caller, @Query() { limit, cursor }: ListRequest): Promise<AuditListAnswer> {
    const rows = await this.log.list(caller, { limit: limit + 1, before: decodeCursor(cursor, isId) });
    return page(rows, limit, presentAuditEntry, ({ id }) => id);
  }
}
