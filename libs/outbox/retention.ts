import { type RetentionRule, retentionBy } from '#database';

export const OUTBOX_RETENTION: RetentionRule[] = [retentionBy('dead_letters', 'failed_at', ['id'])];
