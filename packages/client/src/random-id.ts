/** Pages without https, and React Native, have no crypto.randomUUID. */
export const randomId = (): string =>
  (globalThis.crypto as Partial<typeof crypto> | undefined)?.randomUUID?.() ??
  Array.from({ length: 4 }, () => Math.random().toString(36).slice(2, 10)).join('-');
