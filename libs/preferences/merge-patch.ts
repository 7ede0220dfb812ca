const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * RFC 7396: null removes a value, maps are merged, everything else replaces. A map that becomes empty is removed too,
 * which returns undefined.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const merged = new Map(isMap(target) ? Object.entries(target) : []);
  for (const [name, change] of Object.entries(patch)) {
    if (change === undefined) continue;
    const value = change === null ? undefined : mergePatch(merged.get(name), change);
    if (value === undefined) merged.delete(name);
    else merged.set(name, value);
  }
  return merged.size === 0 ? undefined : Object.fromEntries(merged);
}
