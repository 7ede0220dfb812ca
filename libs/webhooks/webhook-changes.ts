import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** Only the origin is audited, because paths and queries of URLs may contain secrets of the receiver. */
export const originOf = (url: string): string => new URL(url).origin;

type State = Pick<WebhookEndpoint, 'url' | 'types'>;

/** For the audit log: the fields that a request sets, with old and new values. undefined if it sets none. */
export function changesOf(
  before: State,
  after: State,
  patch: { url?: string; types?: string[] | null; enabled?: boolean },
): Record<string, unknown> | undefined {
  const fields = Object.entries(patch).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (fields.length === 0) return undefined;
  return {
    fields,
    ...(patch.url !== undefined && {
      origin: originOf(after.url),
      previous_origin: originOf(before.url),
    }),
    ...(patch.types !== undefined && { types: after.types, previous_types: before.types }),
    ...(patch.enabled !== undefined && { enabled: patch.enabled }),
  };
}
