import type { SentChannel, ChannelSender } from '#outbound';

/** Who carries what, by channel. */
export type ChannelSenders = Record<SentChannel, ChannelSender>;

export const CHANNEL_SENDERS = Symbol('CARRIERS');
