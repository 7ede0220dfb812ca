/** Options for response fields in the OpenAPI document. */
export const time = { type: String, format: 'date-time', example: '2026-11-20T09:30:00.000Z' } as const;
export const optionalTime = { ...time, nullable: true } as const;
export const optionalText = { type: String, nullable: true } as const;
export const optionalId = { type: String, format: 'uuid', nullable: true } as const;

/** JSON from PostgreSQL contains times in another format, with more digits. */
export const presentTime = (value: Date | string): string => new Date(value).toISOString();
export const presentOptionalTime = (value: Date | string | null): string | null =>
  value === null ? null : presentTime(value);
