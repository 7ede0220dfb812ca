export type { AuditEntry } from './audit-entry.entity.js';
export { AuditLogService } from './audit-log.service.js';
export { AuditModule } from './audit.module.js';
export { type Actor, type AuditedAction, audit, auditAll } from './audit.js';
export { AUDITED_ACTIONS, AUDITED_TARGETS } from './audited.js';
