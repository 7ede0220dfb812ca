/** What the fields of answers have in common in the OpenAPI document. */
export const time = { type: String, format: 'date-time', example: '2026-11-20T09:30:00.000Z' } as const;
export const optionalTime = { ...time, nullable: true } as const;
export const optionalText = { type: String, nullable: true } as const;
export const optionalId = { type: String, format: 'uuid', nullable: true } as const;

/** JSON made by PostgreSQL has times as texts of its own, more exact than ours. */
export const presentTime = (value: Date | string): string => new Date(value).toISOString();
export const presentOptionalTime = (value: Date | string | null): string | null =>
  value === null ? null : presentTime(value);
