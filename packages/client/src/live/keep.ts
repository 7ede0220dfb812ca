/** The old value wherever the new one is equal to it, so that what shows a row sees whether that row changed. */
export function keep<T>(old: unknown, next: T): T {
  if (Object.is(old, next) || !isPlain(old) || !isPlain(next)) return next;
  const names = Object.keys(next);
  const kept = names.map((name) => keep(old[name], next[name]));
  const isSame =
    names.length === Object.keys(old).length && kept.every((value, at) => value === old[names[at]!]);
  if (isSame) return old as T;
  return (Array.isArray(next) ? kept : Object.fromEntries(names.map((name, at) => [name, kept[at]]))) as T;
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  Array.isArray(value) ||
  (typeof value === 'object' && Object.getPrototypeOf(value ?? 0) === Object.prototype);
