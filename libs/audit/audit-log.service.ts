import { Injectable } from '@nestjs/common';
import { Database, type Tenant } from '#database';
import type { AuditEntry } from './audit-entry.entity.js';

@Injectable()
export class AuditLogService {
  constructor(private readonly database: Database) {}

  /** Newest first. `before` is the last id of the previous page. */
  list(caller: Tenant, { limit, before }: { limit: number; before?: string }): Promise<AuditEntry[]> {
    return this.database.tenantTransaction(caller, (tx) =>
      tx.query<AuditEntry>(
        `SELECT * FROM audit_entries
         WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2)
         ORDER BY id DESC LIMIT $3`,
        [tx.organizationId, before, limit],
      ),
    );
  }
}
