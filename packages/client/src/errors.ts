import type { Problem } from './generated/types.gen.js';

/**
 * What went wrong, for programs. The list of all codes is in docs/api.md.
 *
 * @example
 * const isAboutBlocks = (code: ProblemCode) => code === 'blocked_by_you' || code === 'recipient_unavailable';
 */
export type ProblemCode = Problem['code'];

/**
 * A field that the server refused, and why.
 *
 * @example
 * for (const { field, message } of error.fields) form.show(field, message);
 */
export type FieldError = NonNullable<Problem['errors']>[number];

/**
 * The server refused a request, or could not be reached.
 *
 * @example
 * try {
 *   await tidings.messages.send({ recipient: 'theo', content: 'Hello' });
 * } catch (error) {
 *   if (error instanceof TidingsError && error.code === 'recipient_unavailable') alert('Theo takes no messages.');
 * }
 */
export class TidingsError extends Error {
  override readonly name = 'TidingsError';
  /** `network` if no response came, `unknown` if the response came from something else than Tidings. */
  readonly code: ProblemCode | 'network' | 'unknown';
  /** The HTTP status; 0 without a response. */
  readonly status: number;
  /** The fields that the server refused. */
  readonly fields: FieldError[];
  /** After how many seconds to try again, if the server said so. */
  readonly retryAfter: number | undefined;
  /** Names the request in the log of the server. */
  readonly requestId: string | undefined;

  constructor(problem: Partial<Problem>, retryAfter?: number, options?: ErrorOptions) {
    super(problem.detail ?? problem.title ?? `The server responded with ${problem.status}.`, options);
    this.code = problem.code ?? (problem.status ? 'unknown' : 'network');
    this.status = problem.status ?? 0;
    this.fields = problem.errors ?? [];
    this.retryAfter = retryAfter;
    this.requestId = problem.request_id;
  }

  /** What the server sent. An error is made from it again after it was kept, or sent to another page. */
  toJSON = (): Partial<Problem> => ({
    status: this.status,
    code: this.code as ProblemCode,
    detail: this.message,
    errors: this.fields,
    request_id: this.requestId,
  });

  /** Whether the same request may succeed later: after a broken connection, 408, 429, and 502 to 504. */
  get isTemporary(): boolean {
    return [0, 408, 429, 502, 503, 504].includes(this.status);
  }
}

/** Whether it may succeed later. Errors that are not of the server, such as those of getToken, count as temporary. */
export const isTemporary = (error: unknown): boolean => !(error instanceof TidingsError) || error.isTemporary;

/** The error of a response. Proxies respond with something else than JSON. */
export async function errorOf(response: Response): Promise<TidingsError> {
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new TidingsError(
    { ...problem, status: response.status },
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}
