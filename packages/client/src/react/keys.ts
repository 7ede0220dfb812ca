import type { Tidings } from '../create-tidings.js';

const ids = new WeakMap<Tidings, number>();
let clients = 0;

/**
 * The key of a query, or of all queries of a client: two clients in one QueryClient do not mix.
 *
 * @example
 * queryClient.removeQueries({ queryKey: tidingsKey(tidings) });
 */
export function tidingsKey(tidings: Tidings, ...parts: unknown[]): readonly unknown[] {
  const id = ids.get(tidings) ?? ++clients;
  ids.set(tidings, id);
  return ['tidings', id, ...parts];
}
