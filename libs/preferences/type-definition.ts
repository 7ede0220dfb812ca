import { type Problem, invalidField } from '#problem';
import { CHANNELS, type Channel, type ChannelValue, type Channels } from './channels.js';

/** What kind of thing people are told, and what holds for it where nobody has chosen otherwise. */
export interface TypeDefinition {
  name: string;
  default_channels: Record<Channel, ChannelValue>;
  /** On for everybody, whatever they choose. */
  mandatory_channels: Channel[];
  /** For how long what belongs together is folded into one; 0 for not at all. */
  aggregation_window_seconds: number;
  retention_days: number;
}

export const TYPE_NAME = /^[A-Z][A-Z0-9_]{0,49}$/;

/** What a field is refused with that names a type which the organization does not have. */
export const UNKNOWN_TYPE =
  'names a type that this organization does not have: create it with PUT /api/v1/admin/notification-types/{type}';

export const unknownType = (): Problem => invalidField('type', UNKNOWN_TYPE);

/** What is left out is off, unless it is mandatory. */
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

/** None is mandatory: that is for an organization to decide. */
const BUILT_IN = [
  builtIn(
    'APPOINTMENT',
    { email: 'on', web_push: 'on' },
    { aggregation_window_seconds: 0, retention_days: 365 },
  ),
  // E-mail is gathered: a conversation would be an e-mail a sentence. Webhooks, which admins set up, are off: messages
  // are between their participants, unless the organization decides otherwise.
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

/** All that an organization has: its own, which stand in for built-in ones of the same name, and the others. */
export const withBuiltIn = (own: TypeDefinition[]): Map<string, TypeDefinition> =>
  new Map([...BUILT_IN_TYPES, ...own.map((type) => [type.name, type] as const)]);
