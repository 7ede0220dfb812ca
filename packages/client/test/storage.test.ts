import { type Tidings, type TidingsOptions, type TidingsStorage } from '@tidings/client';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { json, problem } from './fake-fetch.js';
import { type FakeServer, OTHER, THREAD, messageOf } from './fake-server.js';
import { tick, useFakeServer } from './page.js';

const SEND = `POST messages/threads/${THREAD}/messages`;
const fake = useFakeServer();
let server: FakeServer;
let storage: MemoryStorage;
let opened: Tidings[];

/** As the AsyncStorage of React Native. */
class MemoryStorage implements TidingsStorage {
  readonly items = new Map<string, string>();
  getAllKeys = () => Promise.resolve([...this.items.keys()]);
  getItem = (key: string) => Promise.resolve(this.items.get(key) ?? null);
  setItem = (key: string, value: string) => Promise.resolve(void this.items.set(key, value));
  removeItem = (key: string) => Promise.resolve(void this.items.delete(key));
}

beforeEach(() => {
  server = fake.current;
  storage = new MemoryStorage();
  opened = [];
  return () => opened.forEach((client) => client.close());
});

/** The client of a new start of the app. */
async function start(given: Partial<TidingsOptions> = {}): Promise<Tidings> {
  const client = server.create({ storage, userId: 'ada', ...given });
  opened.push(client);
  client.store.messages(THREAD).subscribe(() => undefined);
  await settle();
  return client;
}

/** What only platforms with a storage load has to arrive, too. */
async function settle(): Promise<void> {
  await tick();
  await vi.dynamicImportSettled();
  await tick();
}

const unsent = (client: Tidings) =>
  client.store
    .messages(THREAD)
    .getSnapshot()
    .unsent.map(({ content, status }) => [content, status]);

const goDown = () => server.answers.set(SEND, () => new Error('the server is gone'));

function comeBack(): string[] {
  const stored: string[] = [];
  server.answers.set(SEND, ({ body }) => {
    stored.push(body.content as string);
    return json(messageOf(3 + stored.length, body));
  });
  return stored;
}

describe('what is not sent', () => {
  it('is sent in order by the next start of the app, with the same tokens', async () => {
    goDown();
    const first = await start();
    for (const content of ['one', 'two', 'three']) void first.actions.send(THREAD, { content });
    await settle();
    const tokens = server.sent
      .filter(({ body }) => body?.content === 'one')
      .map(({ body }) => body.client_token);
    first.close();
    const stored = comeBack();
    const second = await start();
    await tick(100);
    expect(stored).toEqual(['one', 'two', 'three']);
    const again = server.sent.filter(({ body }) => body?.content === 'one').at(-1)!;
    expect(tokens).toContain(again.body.client_token);
    expect(unsent(second)).toEqual([]);
    expect([...storage.items.keys()]).toEqual([]);
  });

  it('stays failed with its reason, until it is sent again or discarded', async () => {
    server.answers.set(SEND, () => problem(403, 'recipient_unavailable'));
    const first = await start();
    await expect(first.actions.send(THREAD, { content: 'one' })).rejects.toMatchObject({ status: 403 });
    await settle();
    first.close();
    const stored = comeBack();
    const second = await start();
    const [message] = second.store.messages(THREAD).getSnapshot().unsent;
    expect(message).toMatchObject({
      status: 'failed',
      error: { code: 'recipient_unavailable', status: 403 },
    });
    expect(stored).toEqual([]);
    second.actions.retry(message!.client_token, 'better');
    await settle();
    expect(stored).toEqual(['better']);
  });

  it('is not lost if the storage is full or broken', async () => {
    storage.setItem = () => Promise.reject(new Error('The quota has been exceeded.'));
    const stored = comeBack();
    const client = await start();
    await client.actions.send(THREAD, { content: 'one' });
    expect(stored).toEqual(['one']);
  });

  it('does not keep the client from starting if it cannot be read', async () => {
    goDown();
    const first = await start();
    for (const content of ['one', 'two']) void first.actions.send(THREAD, { content });
    await settle();
    first.close();
    const [broken] = [...storage.items.keys()];
    storage.items.set(broken!, '{"content": "o');
    const stored = comeBack();
    await start();
    await tick(100);
    expect(stored).toEqual(['two']);
  });

  it('is of one person, and nobody else sends it', async () => {
    goDown();
    const ada = await start();
    void ada.actions.send(THREAD, { content: 'one' });
    ada.actions.saveDraft(OTHER, 'Dear Theo');
    await settle();
    ada.close();
    const stored = comeBack();
    const theo = await start({ userId: 'theo' });
    await tick(100);
    expect([stored, unsent(theo), theo.store.draft(OTHER).getSnapshot()]).toEqual([[], [], '']);
    await theo.signOut();
    expect((await start()).store.draft(OTHER).getSnapshot()).toBe('Dear Theo');
  });
});

describe('a draft', () => {
  it('is there at the next start, until it is empty', async () => {
    const first = await start();
    first.actions.saveDraft(THREAD, 'Dear');
    first.actions.saveDraft(THREAD, 'Dear Theo');
    await settle();
    first.close();
    const second = await start();
    expect(second.store.draft(THREAD).getSnapshot()).toBe('Dear Theo');
    second.actions.saveDraft(THREAD, '');
    await settle();
    expect(storage.items.size).toBe(0);
  });
});

describe('nothing is kept', () => {
  it('after the person signs out', async () => {
    goDown();
    const client = await start({ persist: 'all' });
    void client.actions.send(THREAD, { content: 'one' });
    client.actions.saveDraft(THREAD, 'Dear');
    await tick(5000);
    expect([...storage.items.keys()].map((key) => key.split('/').at(-2))).toEqual(
      expect.arrayContaining(['draft', 'state', 'unsent']),
    );
    const done = client.signOut();
    client.actions.saveDraft(OTHER, 'Too late');
    await done;
    await tick(5000);
    expect(storage.items.size).toBe(0);
  });

  it('with persist: none', async () => {
    goDown();
    const client = await start({ persist: 'none' });
    void client.actions.send(THREAD, { content: 'one' });
    client.actions.saveDraft(THREAD, 'Dear');
    await tick(5000);
    expect(storage.items.size).toBe(0);
    expect(unsent(client)).toEqual([['one', 'sending']]);
  });
});
