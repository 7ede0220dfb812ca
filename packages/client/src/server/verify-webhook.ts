import type { WebhookEvent } from './webhook-events.js';

/**
 * A received request, and the secrets that may have signed it.
 *
 * @example
 * const delivery: WebhookDelivery = { secret: process.env.TIDINGS_WEBHOOK_SECRET, headers: request.headers, body };
 */
export type WebhookDelivery = {
  /** Those of the request: of fetch, or of Node. */
  headers: WebhookHeaders;
  /** The raw body, as it was received. JSON that was parsed and written again has another signature. */
  body: string | Uint8Array;
} & (
  | { /** `whsec_…` */ secret: string }
  | { /** All that may sign, for example during a rotation. */ secrets: string[] }
);

/**
 * The headers of a request: those of fetch, or of Node.
 *
 * @example
 * const headers: WebhookHeaders = request.headers;
 */
export type WebhookHeaders =
  { get: (name: string) => string | null } | Record<string, string | string[] | undefined>;

/**
 * A request that is not a webhook of Tidings, or too old. Respond with 400.
 *
 * @example
 * if (error instanceof WebhookError) return new Response(error.message, { status: 400 });
 */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';

  constructor(
    readonly code: 'missing_header' | 'wrong_time' | 'wrong_signature',
    message: string,
  ) {
    super(message);
  }
}

const TOLERANCE_SECONDS = 300;

/** Three secrets can be valid at once. Without a limit, one request could make the receiver compute hundreds. */
const MAX_SIGNATURES = 10;

/**
 * Verifies that a request is from Tidings, and returns its event. Throws a `WebhookError` if it is not, or if its time is
 * more than five minutes off.
 *
 * @example
 * export async function POST(request: Request) {
 *   const body = await request.text();
 *   const event = await verifyWebhook({ secret, headers: request.headers, body });
 *   if (event.type === 'notification.created') await save(event.id, event.data);
 *   return new Response(null, { status: 204 });
 * }
 */
export async function verifyWebhook({ headers, body, ...given }: WebhookDelivery): Promise<WebhookEvent> {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw new TypeError('Pass the raw body, as text or bytes, not what was parsed from it.');
  }
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = signaturesOf(header(headers, 'webhook-signature'));
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS)) {
    throw new WebhookError('wrong_time', 'The webhook-timestamp is more than five minutes off.');
  }
  const content = signedContent(`${id}.${timestamp}.`, body);
  const keys = await Promise.all(('secrets' in given ? given.secrets : [given.secret]).map(keyOf));
  const checks = keys.flatMap((key) =>
    // Web Crypto compares in constant time.
    signatures.map((signature) => crypto.subtle.verify('HMAC', key, signature, content)),
  );
  if (!(await Promise.all(checks)).includes(true)) {
    throw new WebhookError('wrong_signature', 'No webhook-signature is that of a secret and this body.');
  }
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  return { ...(JSON.parse(text) as WebhookEvent), id };
}

function header(headers: WebhookHeaders, name: string): string {
  const value = isFetchHeaders(headers) ? headers.get(name) : headers[name];
  if (typeof value === 'string' && value) return value;
  throw new WebhookError('missing_header', `The request has no ${name}.`);
}

const isFetchHeaders = (headers: WebhookHeaders): headers is { get: (name: string) => string | null } =>
  typeof headers['get'] === 'function';

const signaturesOf = (value: string): Uint8Array<ArrayBuffer>[] =>
  value
    .split(' ')
    .slice(0, MAX_SIGNATURES)
    .flatMap((one) => (one.startsWith('v1,') ? (fromBase64(one.slice('v1,'.length)) ?? []) : []));

function signedContent(prefix: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const [first, second] = [encoder.encode(prefix), typeof body === 'string' ? encoder.encode(body) : body];
  const content = new Uint8Array(first.length + second.length);
  content.set(first);
  content.set(second, first.length);
  return content;
}

function keyOf(secret: string) {
  const bytes = typeof secret === 'string' && fromBase64(secret.replace(/^whsec_/, ''));
  if (!bytes || bytes.length === 0)
    throw new TypeError('The secret is not one of a webhook: those begin with whsec_.');
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.codePointAt(0)!);
  } catch {
    return undefined;
  }
}
