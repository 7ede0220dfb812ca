export {
  CHANNELS,
  CHANNEL_VALUES,
  type Channel,
  type ChannelValue,
  DIGESTS,
  type Digest,
  PRIORITIES,
  type Priority,
  valuesOf,
} from './channels.js';
export { delayAt } from './delay.js';
export { nextDigest } from './digest.js';
export { DAYS, type PreferenceDocument, type QuietHours } from './document.js';
export { NotificationTypesService, type ShownType } from './notification-types.service.js';
export { OrganizationDefaultsService } from './organization-defaults.service.js';
export { PreferencesModule } from './preferences.module.js';
export {
  type ManySources,
  type PersonChoices,
  SHOWS_PRESENCE,
  choicesOfPerson,
  findChoices,
  findDefaults,
  findOverview,
  findPreferences,
  findTypeSources,
} from './preferences.queries.js';
export { type OwnPreferences, PreferencesService } from './preferences.service.js';
export { type StoredDecision, type StoredDecisions, sourceOf, storedDecisions } from './stored-decisions.js';
export { type Circumstances, type Decision, type Decisions, SOURCES, resolve } from './resolve.js';
export type { Choices, Sources } from './sources.js';
export { TYPE_NAME, unknownType } from './type-definition.js';
