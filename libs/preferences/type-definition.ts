import { type Problem, invalidField } from '#problem';
import { CHANNELS, type Channel, type ChannelValue, type Channels } from './channels.js';

/** A notification type, with its defaults. */
export interface TypeDefinition {
  name: string;
  default_channels: Record<Channel, ChannelValue>;
  /** Always on, whatever people choose. */
  mandatory_channels: Channel[];
  /** For how long notifications with one group_key are grouped. 0 disables grouping. */
  aggregation_window_seconds: number;
  retention_days: number;
}

export const TYPE_NAME = /^[A-Z][A-Z0-9_]{0,49}$/;

/** The message for a field that names an unknown type. */
export const UNKNOWN_TYPE =
  'names a type that this organization does not have: create it with PUT /api/v1/admin/notification-types/{type}';

export const unknownType = (): Problem => invalidField('type', UNKNOWN_TYPE);

/** Omitted channels are off, unless they are mandatory. */
export const completeChannels = (
  channels: Channels,
  mandatory: readonly Channel[],
): Record<Channel, ChannelValue> =>
  Object.fromEntries(
    CHANNELS.map((channel) => [channel, channels[channel] ?? (mandatory.includes(channel) ? 'on' : 'off')]),
  ) as Record<Channel, ChannelValue>;

const builtIn = (
  name: string,
  channels: Channels,
  kept: Pick<TypeDefinition, 'aggregation_window_seconds' | 'retention_days'>,
): TypeDefinition => ({
  name,
  default_channels: completeChannels({ in_app: 'on', realtime: 'on', webhook: 'on', ...channels }, []),
  mandatory_channels: [],
  ...kept,
});

/** No built-in type has mandatory channels, because an organization decides on them. */
const BUILT_IN = [
  builtIn(
    'APPOINTMENT',
    { email: 'on', web_push: 'on' },
    { aggregation_window_seconds: 0, retention_days: 365 },
  ),
  // E-mail is a digest, because a conversation would cause an e-mail per sentence. Webhooks, which admins set up, are
  // off: messages are between their participants, unless the organization decides otherwise.
  builtIn(
    'MESSAGE',
    { email: 'hourly', web_push: 'on', webhook: 'off' },
    { aggregation_window_seconds: 3600, retention_days: 90 },
  ),
  builtIn('SYSTEM', {}, { aggregation_window_seconds: 0, retention_days: 90 }),
  builtIn('BILLING', { email: 'on' }, { aggregation_window_seconds: 0, retention_days: 730 }),
];

export const BUILT_IN_TYPES: ReadonlyMap<string, TypeDefinition> = new Map(
  BUILT_IN.map((type) => [type.name, type]),
);

/**
 * All types of an organization: its own, which replace built-in ones with the same name, and the other built-in ones.
 */
export const withBuiltIn = (own: TypeDefinition[]): Map<string, TypeDefinition> =>
  new Map([...BUILT_IN_TYPES, ...own.map((type) => [type.name, type] as const)]);
