import { backoff, retryAfterDelay, sleep, sleepUntilWake } from './backoff.js';
import { TidingsError, errorOf } from './errors.js';
import { randomId } from './random-id.js';

/**
 * What every call takes.
 *
 * @example
 * const abort = new AbortController();
 * await tidings.threads.list({}, { signal: abort.signal });
 */
export interface CallOptions {
  /** Ends the call, and the waiting between its attempts. It then rejects with the reason of the signal. */
  signal?: AbortSignal;
}

export interface HttpRequest extends CallOptions {
  query?: object;
  body?: object;
  headers?: Record<string, string>;
  /** How often at most. */
  attempts?: number;
  /** How long an attempt may take. */
  milliseconds?: number;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type Send = (headers: Record<string, string>) => Promise<Response>;

/** Sends a request with the headers that prove who the caller is. */
export type Credentials = (send: Send) => Promise<Response>;

const ATTEMPTS = 5;
const MAX_MILLISECONDS = 30_000;

/**
 * Sends requests with the credentials of a caller, and repeats those that may succeed later.
 *
 * @example
 * const me = await tidings.http.get<Me>('me');
 */
export class Http {
  constructor(
    private readonly url: string,
    private readonly credentials: Credentials,
    private readonly fetch: typeof globalThis.fetch = (...call) => globalThis.fetch(...call),
  ) {}

  async request<T>(method: Method, path: string, request: HttpRequest = {}): Promise<T> {
    const { signal, body, attempts = ATTEMPTS } = request;
    const headers: Record<string, string> = body ? { 'Content-Type': 'application/json' } : {};
    // Every request may be repeated: the server does the work of a key, or of a client_token, once.
    if (method === 'POST' && !(body && 'client_token' in body)) headers['Idempotency-Key'] = randomId();
    Object.assign(headers, request.headers);
    for (let attempt = 0; ; attempt++) {
      try {
        return (await this.#attempt(method, path, headers, request)) as T;
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (!(error instanceof TidingsError && error.isTemporary) || attempt + 1 >= attempts) throw error;
        await waitAfter(error, attempt, signal);
      }
    }
  }

  async #attempt(
    method: Method,
    path: string,
    headers: Record<string, string>,
    { query, body, signal, milliseconds = MAX_MILLISECONDS }: HttpRequest,
  ): Promise<unknown> {
    const address = `${this.url}/api/v1/${path}${search(query)}`;
    const abort = new AbortController();
    const end = () => abort.abort();
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
    const send: Send = (credentials) =>
      network(
        this.fetch(address, {
          method,
          headers: { ...headers, ...credentials },
          body: body && JSON.stringify(body),
          signal: abort.signal,
        }),
      );
    try {
      if (signal?.aborted) throw signal.reason;
      const response = await this.credentials(send);
      if (!response.ok) throw await errorOf(response);
      const text = await network(response.text());
      return text ? (JSON.parse(text) as unknown) : undefined;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    }
  }

  get = <T>(path: string, query?: object, options?: CallOptions): Promise<T> =>
    this.request('GET', path, { query, ...options });
  post = <T>(path: string, body: object = {}, options?: CallOptions): Promise<T> =>
    this.request('POST', path, { body, ...options });
  put = <T>(path: string, body: object, options?: CallOptions): Promise<T> =>
    this.request('PUT', path, { body, ...options });
  patch = <T>(path: string, body: object, options?: CallOptions): Promise<T> =>
    this.request('PATCH', path, { body, ...options });
  delete = (path: string, query?: object, options?: CallOptions): Promise<void> =>
    this.request('DELETE', path, { query, ...options });
}

/** A path with encoded parts. */
export const path = (parts: TemplateStringsArray, ...values: string[]): string =>
  parts.map((part, at) => part + (at < values.length ? encodeURIComponent(values[at]!) : '')).join('');

/** Waits before the next attempt: as long as the server asked for, or with backoff until the browser is online again. */
export async function waitAfter(error: unknown, attempt: number, signal?: AbortSignal): Promise<void> {
  const { retryAfter } = error as Partial<TidingsError>;
  if (retryAfter === undefined) await sleepUntilWake(backoff(attempt), signal);
  else await sleep(retryAfterDelay(retryAfter), signal);
}

/** A response that did not arrive, or not all of it. */
async function network<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new TidingsError({ detail: 'The server could not be reached.' }, undefined, { cause: error });
  }
}

function search(query: object = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
  return text && `?${text}`;
}
