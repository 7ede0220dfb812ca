import type { Channel, ChannelValue, Channels } from './channels.js';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export interface QuietWindow {
  /** The days on which it begins. */
  days: Day[];
  from: string;
  /** On the next day if it is not after `from`. */
  to: string;
}

export interface QuietHours {
  time_zone: string;
  windows: QuietWindow[];
}

/** The choices of a person or organization. Everything else is inherited. */
export interface PreferenceDocument {
  channels?: Channels;
  types?: Record<string, Channels>;
  quiet_hours?: QuietHours;
  paused_until?: string;
}

export interface OrganizationDocument extends Omit<PreferenceDocument, 'paused_until'> {
  /** The paths of choices that people cannot change. */
  locked?: string[];
  /** Whether people see who of them is connected. */
  presence?: boolean;
}

/** One choice for one channel, of a type or of all types. */
export interface Cell {
  path: string;
  type?: string;
  channel: Channel;
  value: ChannelValue;
}

export const channelPath = (channel: string): string => `channels.${channel}`;
export const typePath = (type: string, channel: string): string => `types.${type}.${channel}`;

/** The choices of a document for a type on a channel, the more specific first. */
export function cellsFor(document: PreferenceDocument, type: string, channel: Channel): Cell[] {
  const ofType = document.types?.[type]?.[channel];
  const ofChannel = document.channels?.[channel];
  return [
    ...(ofType ? [{ path: typePath(type, channel), type, channel, value: ofType }] : []),
    ...(ofChannel ? [{ path: channelPath(channel), channel, value: ofChannel }] : []),
  ];
}

/** All choices of a document, or of a patch, in which null chooses nothing. */
export const cellsOf = ({ channels, types }: PreferenceDocument): Cell[] => [
  ...cellsIn(channels, channelPath),
  ...Object.entries(types ?? {}).flatMap(([type, chosen]) =>
    cellsIn(chosen, (channel) => typePath(type, channel), type),
  ),
];

const cellsIn = (
  chosen: Channels | null | undefined,
  path: (channel: string) => string,
  type?: string,
): Cell[] =>
  (Object.entries(chosen ?? {}) as [Channel, ChannelValue | null][]).flatMap(([channel, value]) =>
    value === null ? [] : [{ path: path(channel), type, channel, value }],
  );
