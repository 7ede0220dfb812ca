/** The channels, in the order in which they are shown. */
export const CHANNELS = ['in_app', 'realtime', 'email', 'web_push', 'webhook'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Sent in one e-mail per hour or day, instead of one per notification. */
export const DIGESTS = ['hourly', 'daily'] as const;
export type Digest = (typeof DIGESTS)[number];

export const CHANNEL_VALUES = ['on', 'off', ...DIGESTS] as const;
export type ChannelValue = (typeof CHANNEL_VALUES)[number];
export type Channels = Partial<Record<Channel, ChannelValue>>;

export const valuesOf = (channel: Channel): readonly ChannelValue[] =>
  channel === 'email' ? CHANNEL_VALUES : ['on', 'off'];

export const isChannel = (name: string): name is Channel => (CHANNELS as readonly string[]).includes(name);

/** Channels that interrupt people, so a pause and quiet hours delay them. */
const INTERRUPTING: readonly Channel[] = ['realtime', 'email', 'web_push'];
export const isInterrupting = (channel: Channel): boolean => INTERRUPTING.includes(channel);

export const PRIORITIES = ['normal', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];
