export type { AuditEntry } from './audit-entry.entity.js';
export { AuditLogService } from './audit-log.service.js';
export { AuditModule } from './audit.module.js';
export { type Actor, audit, auditAll } from './audit.js';
