export const SENT_CHANNELS = ['email', 'web_push', 'webhook'] as const;
/** The channels that send outside the app. */
export type SentChannel = (typeof SENT_CHANNELS)[number];
