export const SENT_CHANNELS = ['email', 'web_push', 'webhook'] as const;
/** The channels that lead out of here. */
export type SentChannel = (typeof SENT_CHANNELS)[number];
