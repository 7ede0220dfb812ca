import type { SentChannel, ChannelSender } from '#outbound';

/** The sender of each channel. */
export type ChannelSenders = Record<SentChannel, ChannelSender>;

export const CHANNEL_SENDERS = Symbol('CARRIERS');
