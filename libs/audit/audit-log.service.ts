import { Injectable } from '@nestjs/common';
import { Database, type PageBefore, type Tenant } from '#database';
import type { AuditEntry } from './audit-entry.entity.js';
import { listEntries } from './audit.queries.js';

@Injectable()
export class AuditLogService {
  constructor(private readonly database: Database) {}

  list(caller: Tenant, page: PageBefore): Promise<AuditEntry[]> {
    return this.database.tenantTransaction(caller, (tx) => listEntries(tx, page));
  }
}
