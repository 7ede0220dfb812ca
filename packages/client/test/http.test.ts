import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TidingsError, createTidings } from '@tidings/client';
import { FakeFetch, json, problem } from './fake-fetch.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A client whose requests get these answers in turn, then the last one again. */
function clientOf(...answers: (() => Response | Error | Promise<Response>)[]) {
  const fake: FakeFetch = new FakeFetch(({ headers }) => {
    const answer = answers[Math.min(fake.sent.length, answers.length) - 1]!();
    return headers['Authorization'] === 'Bearer stale' ? problem(401, 'unauthenticated') : answer;
  });
  const reasons: string[] = [];
  const getToken = vi.fn<(reason: string) => string>((reason) => {
    reasons.push(reason);
    return reasons.length === 1 && isStale ? 'stale' : 'fresh';
  });
  return {
    fake,
    reasons,
    tidings: createTidings({ url: 'https://t.example/', getToken, fetch: fake.fetch }),
  };
}

let isStale = false;
afterEach(() => void (isStale = false));

const ok = () => json({ unread_count: 3, unread_threads: 1 });
const refused = () => problem(403, 'recipient_unavailable');
const busy = () => problem(503, 'unavailable', { 'Retry-After': '7' });
const broken = () => new Error('socket hang up');
const count = (client: ReturnType<typeof clientOf>) => client.tidings.messages.unreadCount();

describe('a request', () => {
  it('has the token, and the body of its route', async () => {
    const { tidings, fake } = clientOf(() => json({ id: 'm1' }));
    await tidings.threads.send('a/b', { content: 'Hello', client_token: 't1' });
    expect(fake.sent).toEqual([
      {
        method: 'POST',
        path: 'messages/threads/a%2Fb/messages',
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer fresh' },
        body: { content: 'Hello', client_token: 't1' },
      },
    ]);
  });

  it('is not repeated after a refusal, which has the code, the fields and the id of the request', async () => {
    const errors = [{ field: 'content', message: 'must not be empty' }];
    const client = clientOf(() => problem(400, 'validation_failed', {}, { errors, detail: 'Wrong.' }));
    const error = await count(client).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TidingsError);
    expect(error).toMatchObject({
      code: 'validation_failed',
      status: 400,
      fields: errors,
      requestId: 'r1',
      message: 'Wrong.',
    });
    expect(client.fake.sent).toHaveLength(1);
  });

  it('fails with the code unknown if a proxy responds', async () => {
    const client = clientOf(() => new Response('<html>', { status: 404 }));
    await expect(count(client)).rejects.toMatchObject({ code: 'unknown', status: 404 });
  });

  it('is repeated with one idempotency key after a broken connection', async () => {
    const { tidings, fake } = clientOf(broken, () => json({}));
    const done = tidings.notifications.markAllRead();
    await vi.advanceTimersByTimeAsync(1000);
    await done;
    const [first, second] = fake.sent.map(({ headers }) => headers['Idempotency-Key']);
    expect(first).toMatch(/^[\w-]{30,}$/);
    expect(second).toBe(first);
  });

  it('is given up after 5 attempts', async () => {
    const client = clientOf(broken);
    const done = expect(count(client)).rejects.toMatchObject({ code: 'network', status: 0 });
    await vi.advanceTimersByTimeAsync(30_000);
    await done;
    expect(client.fake.sent).toHaveLength(5);
  });

  it('waits as long as the server asks for', async () => {
    const client = clientOf(busy, ok);
    const done = count(client);
    await vi.advanceTimersByTimeAsync(6999);
    expect(client.fake.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1001);
    await expect(done).resolves.toMatchObject({ unread_count: 3 });
  });

  it('is repeated at once when the browser is online again', async () => {
    const page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'hidden' }));
    vi.spyOn(Math, 'random').mockReturnValue(0.99);
    const client = clientOf(broken, ok);
    const done = count(client);
    await vi.advanceTimersByTimeAsync(10);
    page.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    await done;
    expect(client.fake.sent).toHaveLength(2);
  });

  it('ends when its signal is aborted, also while it waits', async () => {
    const client = clientOf(busy);
    const abort = new AbortController();
    const done = client.tidings.messages.unreadCount({ signal: abort.signal });
    await vi.advanceTimersByTimeAsync(100);
    abort.abort(new Error('left the page'));
    await expect(done).rejects.toThrow('left the page');
    expect(client.fake.sent).toHaveLength(1);
  });

  it('ends an attempt that takes too long', async () => {
    const client = clientOf(() => new Promise<Response>(() => undefined), ok);
    const done = count(client);
    await vi.advanceTimersByTimeAsync(31_000);
    await expect(done).resolves.toMatchObject({ unread_count: 3 });
  });
});

describe('the token', () => {
  it('is asked for once by requests at the same time', async () => {
    const client = clientOf(ok);
    await Promise.all([count(client), count(client)]);
    expect(client.reasons).toEqual(['first']);
  });

  it('is replaced once when the server refuses it, however many requests have used it', async () => {
    isStale = true;
    const client = clientOf(ok);
    await Promise.all([count(client), count(client), count(client)]);
    expect(client.reasons).toEqual(['first', 'refused']);
    expect(client.fake.sent).toHaveLength(6);
  });

  it('is replaced only once if the server refuses the new one too', async () => {
    const client = clientOf(() => problem(401, 'unauthenticated'));
    await expect(count(client)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(client.reasons).toEqual(['first', 'refused']);
  });

  it('is asked for again after getToken has failed', async () => {
    const getToken = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('signed out'));
    getToken.mockResolvedValue('fresh');
    const tidings = createTidings({ url: 'https://t.example', getToken, fetch: new FakeFetch(ok).fetch });
    await expect(tidings.messages.unreadCount()).rejects.toThrow('signed out');
    await expect(tidings.messages.unreadCount()).resolves.toMatchObject({ unread_count: 3 });
  });
});

it('a refusal reaches the caller', async () => {
  const { tidings } = clientOf(refused);
  await expect(tidings.messages.send({ recipient: 'theo', content: 'Hello' })).rejects.toMatchObject({
    code: 'recipient_unavailable',
  });
});
