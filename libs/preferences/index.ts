export { PreferencesModule } from './preferences.module.js';
export { type OwnPreferences, Preferences, type Question } from './preferences.service.js';
export { OrganizationDefaults } from './organization-defaults.service.js';
export { NotificationTypes, type ShownType, type TypeInput } from './notification-types.service.js';
export type { Scope } from './documents.repository.js';
export {
  type ManySources,
  findChoices,
  findDefaults,
  findOverview,
  findPreferences,
} from './preferences.repository.js';
export {
  type Circumstances,
  type Decision,
  type Decisions,
  SOURCES,
  type Source,
  type Verdict,
  resolve,
} from './resolve.js';
export { type Delay, delayAt } from './delay.js';
export { nextDigest } from './digest.js';
export type { Choices, Sources } from './sources.js';
export { type TypeDefinition, TYPE_NAME, unknownType } from './type-definition.js';
export type { DocumentPatch } from './document-check.js';
export { DAYS, type OrganizationDocument, type PreferenceDocument, type QuietHours } from './document.js';
export {
  CHANNELS,
  type Channel,
  CHANNEL_VALUES,
  type ChannelValue,
  type Channels,
  DIGESTS,
  type Digest,
  PRIORITIES,
  type Priority,
  valuesOf,
} from './channels.js';
