import type { Preferences, PreferencesChange } from '../types.js';

type Effective = Preferences['effective'][string];

/**
 * The preferences after a change, as far as that is certain: a choice of the person decides wherever nothing is locked.
 * What is inherited without a choice is only known to the server.
 */
export function preferencesAfter(shown: Preferences, change: PreferencesChange): Preferences {
  const { explicit, effective } = JSON.parse(JSON.stringify(shown)) as Preferences;
  explicit.organization = merge(explicit.organization, change);
  for (const [type, channels] of Object.entries(effective)) {
    for (const [channel, known] of Object.entries(channels) as [keyof Effective, Effective['email']][]) {
      // The last one has precedence.
      for (const scope of ['global', 'organization'] as const) {
        const { types, channels: all } = explicit[scope];
        const value = types?.[type]?.[channel] ?? all?.[channel];
        if (value && !known.locked) Object.assign(known, { value, source: `person.${scope}` });
      }
    }
  }
  return { explicit, effective };
}

/** RFC 7396: null removes a value, objects are merged, everything else replaces. */
function merge<T>(target: T, change: unknown): T {
  if (typeof change !== 'object' || Array.isArray(change)) return change as T;
  const merged = { ...target } as Record<string, unknown>;
  for (const [name, value] of Object.entries(change!)) {
    if (value === null) delete merged[name];
    else if (value !== undefined) merged[name] = merge(merged[name], value);
  }
  return merged as T;
}
