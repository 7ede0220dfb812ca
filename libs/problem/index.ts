/**
 * Every refusal that a caller can be told of, by its stable code. The libs throw them; apps/api alone
 * turns them into HTTP.
 */
export const PROBLEMS = {
  malformed_json: [400, 'The body is not JSON'],
  validation_failed: [400, 'The request is not valid'],
  reason_required: [400, 'A reason is required'],
  unauthenticated: [401, 'Valid credentials are required'],
  forbidden: [403, 'You may not do this'],
  role_not_allowed: [403, 'Your role may not do this'],
  recipient_unavailable: [403, 'The recipient is not taking messages'],
  not_recipient: [403, 'Only the recipient may do this'],
  not_found: [404, 'There is no such thing here'],
  method_not_allowed: [405, 'This method is not served here'],
  request_timeout: [408, 'The request was not complete in time'],
  conflict: [409, 'This is in conflict with what is there'],
  blocked_by_you: [409, 'You have blocked this person'],
  preference_locked: [409, 'Your organization has locked this preference'],
  payload_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'Send application/json'],
  idempotency_mismatch: [422, 'This Idempotency-Key was used with another request'],
  rate_limited: [429, 'Too many requests'],
  headers_too_large: [431, 'The headers are too large'],
  internal: [500, 'Something went wrong here'],
  unavailable: [503, 'Not available right now'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface FieldError {
  field: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
    readonly errors?: FieldError[],
  ) {
    super(detail ?? PROBLEMS[code][1]);
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }

  get title(): string {
    return PROBLEMS[this.code][1];
  }
}

/**
 * A bearer token that is refused. WWW-Authenticate repeats the detail in quotes (RFC 6750), so it is plain ASCII
 * without quotes and backslashes.
 */
export class InvalidToken extends Problem {
  constructor(detail: string) {
    super('unauthenticated', detail);
  }
}

/** What belongs to others and what does not exist must look the same, so nobody words it anew. */
export const notFound = (): Problem => new Problem('not_found');

export const invalidField = (field: string, message: string): Problem =>
  new Problem('validation_failed', `${field} ${message}`, [{ field, message }]);

/** All that is wrong with a request, so that nobody has to find out one by one. */
export const invalidFields = (errors: FieldError[]): Problem =>
  new Problem(
    'validation_failed',
    `${errors.map(({ field, message }) => `${field} ${message}`).join('; ')}.`,
    errors,
  );
