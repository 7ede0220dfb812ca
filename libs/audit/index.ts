export { AuditModule } from './audit.module.js';
export { AuditLog } from './audit-log.service.js';
export type { AuditEntry } from './audit-entry.entity.js';
export { type Actor, audit, auditAll } from './audit.js';
