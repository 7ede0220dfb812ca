import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

const RETRIED = [408, 429, 503];
const MAX_ATTEMPTS = 5;

/** Calls the API, and retries with backoff. The Idempotency-Key keeps a repeated POST from doing its work twice. */
export function createClient(url, headers) {
  return async function call(method, path, body, more = {}) {
    const idempotency = method === 'POST' && { 'Idempotency-Key': randomUUID() };
    for (let attempt = 1; ; attempt++) {
      const request = { method, headers: { ...headers, ...more, ...idempotency } };
      if (body !== undefined) {
        request.headers['Content-Type'] = 'application/json';
        request.body = JSON.stringify(body);
      }
      const response = await fetch(`${url}/api/v1${path}`, request);
      if (response.ok) return response.status === 204 ? undefined : response.json();
      const problem = await response.json();
      if (!RETRIED.includes(response.status) || attempt === MAX_ATTEMPTS) {
        throw new Error(
          `${method} ${path}: ${response.status} ${problem.code}: ${problem.detail ?? problem.title}`,
        );
      }
      const seconds = Number(response.headers.get('Retry-After') ?? 2 ** attempt);
      await delay(seconds * 1000 * (1 + Math.random() / 4));
    }
  };
}
