/**
 * Every error that a caller can get, by its stable code: the HTTP status, a title, and the detail for errors that have
 * none of their own. Libs throw them; only apps/api turns them into HTTP.
 */
export const PROBLEMS = {
  malformed_json: [400, 'Malformed JSON', 'Send a body that is valid JSON.'],
  validation_failed: [400, 'Validation failed', 'Correct the request and send it again.'],
  reason_required: [400, 'Reason required', 'Give a reason for this access: the audit log keeps it.'],
  unauthenticated: [
    401,
    'Authentication required',
    'Send a valid token in Authorization, or a valid key in X-Api-Key.',
  ],
  forbidden: [403, 'Forbidden', 'Your role or key does not permit this: ask an admin for access.'],
  role_not_allowed: [
    403,
    'Role not allowed',
    "The organization's messaging rules do not let your role write to this person: ask an admin to change them.",
  ],
  recipient_unavailable: [403, 'Recipient unavailable', 'The recipient does not accept messages.'],
  not_recipient: [
    403,
    'Not the recipient',
    'Only a recipient of the message can do this: use a message that somebody else sent.',
  ],
  not_found: [404, 'Not found', 'Check the id: nothing with it exists, or you cannot see it.'],
  method_not_allowed: [405, 'Method not allowed', 'Use one of the methods in the Allow header.'],
  request_timeout: [408, 'Request timeout', 'The request did not arrive in time: send it again.'],
  conflict: [409, 'Conflict', 'Read the current state, then decide whether to send the request again.'],
  blocked_by_you: [409, 'Blocked by you', 'You have blocked this person: unblock them first.'],
  preference_locked: [
    409,
    'Preference locked',
    'Your organization has locked this preference: leave it out of the request.',
  ],
  payload_too_large: [413, 'Payload too large', 'Send a body of at most 100 KiB.'],
  unsupported_media_type: [415, 'Unsupported media type', 'Send the body as application/json.'],
  idempotency_mismatch: [
    422,
    'Idempotency mismatch',
    'This Idempotency-Key was used with another request: use a new one.',
  ],
  rate_limited: [429, 'Too many requests', 'Wait as many seconds as Retry-After says, then try again.'],
  headers_too_large: [431, 'Headers too large', 'Send a shorter path or fewer headers.'],
  internal: [500, 'Internal error', 'Try again. If it fails again, report the request_id.'],
  unavailable: [503, 'Service unavailable', 'Wait as many seconds as Retry-After says, then try again.'],
} as const satisfies Record<string, readonly [status: number, title: string, detail: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface FieldError {
  field: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string = PROBLEMS[code][2],
    readonly errors?: FieldError[],
  ) {
    super(detail);
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }

  get title(): string {
    return PROBLEMS[this.code][1];
  }
}

/**
 * The error for a refused bearer token. WWW-Authenticate repeats the detail in quotes (RFC 6750), so it must be plain
 * ASCII without quotes and backslashes.
 */
export class InvalidToken extends Problem {
  constructor(detail: string) {
    super('unauthenticated', detail);
  }
}

/** The same response for foreign and for unknown things, so its detail must not vary. */
export const notFound = (): Problem => new Problem('not_found');

export const invalidField = (field: string, message: string): Problem =>
  new Problem('validation_failed', `${field} ${message}`, [{ field, message }]);

/** Reports all errors of a request at once. */
export const invalidFields = (errors: FieldError[]): Problem =>
  new Problem(
    'validation_failed',
    `${errors.map(({ field, message }) => `${field} ${message}`).join('; ')}.`,
    errors,
  );
