import { describe, expect, it } from 'vitest';
import { THREAD, messageOf } from './fake-server.js';
import { json, problem } from './fake-fetch.js';
import { openPage, tick, useFakeServer } from './page.js';

const fake = useFakeServer();

describe('a part of the store that the server refused', () => {
  it('has its reason until it is loaded again', async () => {
    const server = fake.current;
    server.answers.set('GET messages/unread-count', () => problem(500, 'internal'));
    const { store, counts } = await openPage(server);
    let calls = 0;
    store.errors.subscribe(() => calls++);
    expect(counts.getSnapshot()).toBeUndefined();
    expect(store.errors.getSnapshot()).toMatchObject({ counts: { code: 'internal' } });
    server.answers.delete('GET messages/unread-count');
    await counts.reload();
    expect(counts.getSnapshot()).toMatchObject({ messages: 3 });
    expect(store.errors.getSnapshot()).toEqual({});
    expect(calls).toBeGreaterThan(0);
  });

  it('is loaded again on demand, lists and threads too', async () => {
    const server = fake.current;
    server.answers.set('GET messages/threads', () => problem(500, 'internal'));
    server.answers.set(`GET messages/threads/${THREAD}`, () => problem(404, 'not_found'));
    const { threads, messages } = await openPage(server);
    expect([threads.getSnapshot().status, messages.getSnapshot().status]).toEqual(['error', 'error']);
    server.answers.clear();
    await threads.reload();
    void messages.reload();
    await messages.reload();
    expect([threads.getSnapshot().status, messages.getSnapshot().status]).toEqual(['ready', 'ready']);
  });

  it('is loaded again as far as it was shown, and keeps what it shows meanwhile', async () => {
    const server = fake.current;
    const { messages, contents } = await openPage(server);
    server.answers.set(`GET messages/threads/${THREAD}`, () =>
      json(server.page({ messages: [messageOf(3), messageOf(4)] })),
    );
    const done = messages.reload();
    expect(contents()).toHaveLength(3);
    await done;
    expect(contents()).toEqual(['text 3', 'text 4']);
  });
});

it('a closed client says so', async () => {
  const { tidings } = fake.current;
  expect(tidings.closed.aborted).toBe(false);
  tidings.close();
  await tick();
  expect(tidings.closed.aborted).toBe(true);
});
