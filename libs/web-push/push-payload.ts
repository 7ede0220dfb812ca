import { isId } from '#identity';
import type { OutboundDelivery } from '#outbound';

/** Push services accept 4096 encrypted bytes, some fewer. */
const MAX_BYTES = 3000;

/** Reserved for the body, however long the rest is. */
const BODY_BYTES = 500;

/**
 * The payload that a service worker shows, and where it leads. Everything else can be requested by the id. Of data it
 * contains only ids, because the rest may have any size, and no data at all if even that is too long.
 */
export function pushPayload({ notification }: Pick<OutboundDelivery, 'notification'>): string {
  const { id, type, title, body, action_url, data } = notification;
  const ids = Object.entries(data).filter(([, value]) => typeof value === 'string' && isId(value));
  const whole = { notification_id: id, type, title, body: '', action_url, data: Object.fromEntries(ids) };
  const short = { ...whole, action_url: null, data: {} };
  const fits = bytesOf(whole) <= MAX_BYTES - BODY_BYTES;
  const payload = fits ? whole : short;
  return JSON.stringify({ ...payload, body: cut(body, MAX_BYTES - bytesOf(payload)) });
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const ELLIPSIS = '…';
const QUOTES = 2;

/** Cuts by characters, so that none is split, and measures their bytes in JSON. */
function cut(text: string, most: number): string {
  if (bytesOf(text) - QUOTES <= most) return text;
  let left = most - Buffer.byteLength(ELLIPSIS);
  let kept = '';
  for (const character of text) {
    left -= bytesOf(character) - QUOTES;
    if (left < 0) break;
    kept += character;
  }
  return kept + ELLIPSIS;
}
