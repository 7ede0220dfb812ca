import { isTimeZone } from '#identity';
import { type FieldError, invalidFields } from '#problem';
import { CHANNELS, isChannel, valuesOf } from './channels.js';
import { DAYS, type Day, type OrganizationDocument, type QuietWindow, cellsOf } from './document.js';
import { isAlwaysQuiet } from './quiet-hours.js';
import { TYPE_NAME } from './type-definition.js';

/** The given parts of a document. null removes a value at any depth. */
export interface DocumentPatch {
  channels?: unknown;
  types?: unknown;
  quiet_hours?: unknown;
  paused_until?: string | null;
  locked?: unknown;
  presence?: boolean | null;
}

export const MAX_TYPES = 200;
const MAX_LOCKS = (MAX_TYPES + 1) * CHANNELS.length;
const MAX_WINDOWS = 50;
const MAX_ERRORS = 20;
const MAX_TIME_ZONE_LENGTH = 64;
const FROM = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const TO = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** Checks a patch, independently of the stored document. Names are looked up in lists, because objects inherit some. */
export function assertPatch({ channels, types, quiet_hours, locked }: DocumentPatch): void {
  refuse([
    ...channelErrors(channels, 'channels'),
    ...mapErrors(types, 'types', (chosen, field, name) =>
      TYPE_NAME.test(name)
        ? channelErrors(chosen, field)
        : error(field, 'must be the name of a type, such as BILLING'),
    ),
    ...mapErrors(quiet_hours, 'quiet_hours', quietHoursErrors),
    ...lockedErrors(locked),
  ]);
}

/** Checks a whole document. */
export function assertDocument(document: OrganizationDocument): void {
  const { types = {}, quiet_hours, locked = [] } = document;
  const isTooMany = Object.keys(types).length > MAX_TYPES;
  const paths = new Set(cellsOf(document).map(({ path }) => path));
  refuse([
    ...(isTooMany ? error('types', `must have at most ${MAX_TYPES} types`) : []),
    ...(quiet_hours && !quiet_hours.time_zone ? error('quiet_hours.time_zone', 'is required') : []),
    ...(quiet_hours && !quiet_hours.windows ? error('quiet_hours.windows', 'is required') : []),
    ...locked.flatMap((path, index) =>
      paths.has(path)
        ? []
        : error(`locked.${index}`, `must be a path that the document sets, and ${path} is not`),
    ),
  ]);
}

export function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw invalidFields(errors.slice(0, MAX_ERRORS));
}

export const error = (field: string, message: string): FieldError[] => [{ field, message }];
const unknownField = (field: string): FieldError[] => error(field, 'is not a known field');

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mapErrors(
  value: unknown,
  field: string,
  inside: (value: unknown, field: string, name: string) => FieldError[],
): FieldError[] {
  if (value === null || value === undefined) return [];
  if (!isMap(value)) return error(field, 'must be an object');
  return Object.entries(value).flatMap(([name, inner]) => inside(inner, `${field}.${name}`, name));
}

export const channelErrors = (value: unknown, field: string): FieldError[] =>
  mapErrors(value, field, (chosen, path, name) => {
    if (!isChannel(name)) return unknownField(path);
    const values: readonly unknown[] = valuesOf(name);
    return chosen === null || values.includes(chosen)
      ? []
      : error(path, `must be one of: ${values.join(', ')}`);
  });

function quietHoursErrors(value: unknown, field: string, name: string): FieldError[] {
  if (name === 'windows') return windowsErrors(value, field);
  if (name !== 'time_zone') return unknownField(field);
  const isKnown = typeof value === 'string' && value.length <= MAX_TIME_ZONE_LENGTH && isTimeZone(value);
  return value === null || isKnown ? [] : error(field, 'must be an IANA time zone such as Europe/London');
}

function windowsErrors(value: unknown, field: string): FieldError[] {
  if (value === null) return [];
  if (!Array.isArray(value) || value.length > MAX_WINDOWS) {
    return error(field, `must be a list of at most ${MAX_WINDOWS} windows`);
  }
  const errors = value.flatMap((window, index) => windowErrors(window, `${field}.${index}`));
  if (errors.length > 0 || !isAlwaysQuiet(value as QuietWindow[])) return errors;
  return error(field, 'must leave some time of the week: use paused_until to silence all of it');
}

function windowErrors(window: unknown, field: string): FieldError[] {
  if (!isMap(window)) return error(field, 'must be an object');
  const { days, from, to, ...others } = window;
  return [
    ...Object.keys(others).flatMap((name) => unknownField(`${field}.${name}`)),
    ...(isDays(days)
      ? []
      : error(`${field}.days`, `must be a list of some of: ${DAYS.join(', ')}, none twice`)),
    ...(isTime(from, FROM) ? [] : error(`${field}.from`, 'must be a time such as 22:00')),
    ...(isTime(to, TO) ? [] : error(`${field}.to`, 'must be a time such as 07:00, or 24:00')),
    ...(from === to ? error(`${field}.to`, 'must differ from the start of the window') : []),
  ];
}

const isTime = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);

const isDays = (value: unknown): value is Day[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((day) => DAYS.includes(day as Day)) &&
  new Set(value).size === value.length;

function lockedErrors(value: unknown): FieldError[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_LOCKS || new Set(value).size < value.length) {
    return error('locked', `must be a list of at most ${MAX_LOCKS} paths, none twice`);
  }
  return value.flatMap((path: unknown, index) =>
    typeof path === 'string' && isLockable(path.split('.'))
      ? []
      : error(`locked.${index}`, 'must be a path such as channels.email or types.BILLING.email'),
  );
}

const isLockable = ([kind, ...names]: string[]): boolean =>
  kind === 'types'
    ? names.length === 2 && TYPE_NAME.test(names[0]!) && isChannel(names[1]!)
    : kind === 'channels' && names.length === 1 && isChannel(names[0]!);
