import { type RetentionRule, retentionBy } from '#database';

export const IDENTITY_RETENTION: RetentionRule[] = [retentionBy('api_keys', 'revoked_at', ['id'])];
