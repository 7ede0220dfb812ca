import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeServer, OTHER, THREAD, changesOf, messageOf, threadOf } from './fake-server.js';
import { json } from './fake-fetch.js';
import { openPage, openWindow, tick, useFakeServer } from './page.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

const framesOf = (type: string) => server.socket.sent.filter((frame) => frame.type === type);

/** Time in which the server is not silent for so long that the client would look whether it is still there. */
async function pass(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 20_000) {
    server.socket.push({ type: 'focus', threads: [THREAD] });
    await tick(Math.min(left, 20_000));
  }
}

/** The socket has failed, and the next ones do too. */
async function poll(): Promise<void> {
  const { connection } = server.tidings.store;
  server.answers.set('GET realtime/changes', ({ path }) =>
    path.includes('wait=25') ? new Promise(() => undefined) : json(changesOf({ counts: null })),
  );
  server.socket.drop();
  while (connection.getSnapshot() !== 'polling') {
    await tick(100);
    if (!server.socket.isClosed) server.socket.drop();
  }
}

describe('typing', () => {
  const typing = (user_id: string, given = {}) =>
    server.socket.push({ type: 'typing', thread_id: THREAD, user_id, ms: 6000, ...given });

  async function open() {
    const slice = server.tidings.store.typing(THREAD);
    const listener = vi.fn<() => void>();
    slice.subscribe(listener);
    await tick();
    server.socket.accept();
    await tick();
    listener.mockClear();
    return { slice, listener };
  }

  it('shows who types in the thread, for as long as the server says, and longer if they go on', async () => {
    const { slice, listener } = await open();
    expect(slice.getSnapshot()).toEqual([]);
    typing('theo');
    typing('uma');
    typing('eve', { thread_id: OTHER });
    expect(slice.getSnapshot()).toEqual(['theo', 'uma']);
    await tick(3000);
    listener.mockClear();
    typing('theo');
    expect(slice.getSnapshot()).toEqual(['theo', 'uma']);
    expect(listener).not.toHaveBeenCalled();
    await tick(2999);
    expect(slice.getSnapshot()).toEqual(['theo', 'uma']);
    await tick(1);
    expect(slice.getSnapshot()).toEqual(['theo']);
    await tick(3000);
    expect(slice.getSnapshot()).toEqual([]);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('ends with a message of the person, and the time of the last typing does not count for the next', async () => {
    const { slice } = await open();
    typing('theo');
    typing('uma');
    await tick(5000);
    server.socket.sync(1, { threads: [threadOf()], messages: [messageOf(4)] });
    expect(slice.getSnapshot()).toEqual(['uma']);
    typing('theo');
    await tick(5999);
    expect(slice.getSnapshot()).toEqual(['theo']);
  });

  it('puts the thread in focus', async () => {
    await open();
    expect(server.socket.url).toContain(`threads=${THREAD}`);
  });

  it('is forgotten with the connection, and leaves no timer behind when the client is closed', async () => {
    const { slice } = await open();
    typing('theo');
    server.socket.drop();
    await tick(1000);
    server.socket.accept();
    expect(slice.getSnapshot()).toEqual([]);
    typing('theo');
    server.tidings.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is sent at most every three seconds for a thread', async () => {
    const { actions } = await openPage(server);
    for (let keystroke = 0; keystroke < 31; keystroke++) {
      actions.type(THREAD);
      await tick(100);
    }
    actions.type(OTHER);
    expect(framesOf('typing')).toEqual([
      { type: 'typing', thread_id: THREAD },
      { type: 'typing', thread_id: THREAD },
      { type: 'typing', thread_id: OTHER },
    ]);
  });

  it('is sent only while the connection is live', async () => {
    const { actions } = await openPage(server);
    const first = server.socket;
    await poll();
    actions.type(THREAD);
    await tick(100);
    expect(first.sent.concat(server.socket.sent).filter(({ type }) => type === 'typing')).toEqual([]);
    while (server.socket.isClosed) await tick(1000);
    actions.type(THREAD);
    server.socket.accept();
    actions.type(THREAD);
    expect(framesOf('typing')).toHaveLength(1);
  });
});

describe('presence', () => {
  const present = (...people: [string, string, string?][]) =>
    server.socket.push({
      type: 'presence',
      people: people.map(([user_id, state, last_seen_at = null]) => ({ user_id, state, last_seen_at })),
    });

  it('is what the server says of a person, and undefined before', async () => {
    const { store } = await openPage(server);
    const theo = store.presence('theo');
    const listener = vi.fn<() => void>();
    theo.subscribe(listener);
    expect(theo.getSnapshot()).toBeUndefined();
    present(['theo', 'online'], ['uma', 'offline', '2026-11-20T09:00:00.000Z']);
    expect(theo.getSnapshot()).toEqual({ state: 'online', last_seen_at: null });
    expect(store.presence('uma').getSnapshot()).toEqual({
      state: 'offline',
      last_seen_at: '2026-11-20T09:00:00.000Z',
    });
    present(['uma', 'online']);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(theo.getSnapshot()?.state).toBe('online');
  });

  it('is forgotten of people who are no longer in focus, once the server has sent the others', async () => {
    const { store } = await openPage(server);
    present(['theo', 'online'], ['uma', 'online']);
    const seen = () => ['theo', 'uma'].map((id) => store.presence(id).getSnapshot()?.state);
    server.socket.push({ type: 'focus', threads: [OTHER] });
    expect(seen()).toEqual(['online', 'online']);
    present(['uma', 'away']);
    expect(seen()).toEqual([undefined, 'away']);
    present(['theo', 'online']);
    expect(seen()).toEqual(['online', 'away']);
    server.socket.push({ type: 'focus', threads: [] });
    expect(seen()).toEqual([undefined, undefined]);
  });

  it('is forgotten with the connection', async () => {
    const { store } = await openPage(server);
    const state = () => store.presence('theo').getSnapshot()?.state;
    present(['theo', 'online']);
    server.socket.drop();
    await tick(1000);
    server.socket.accept();
    expect(state()).toBeUndefined();
    present(['theo', 'online']);
    expect(state()).toBe('online');
    await poll();
    expect(state()).toBeUndefined();
  });

  it('becomes away once the page was hidden for a minute, and online when it is visible again', async () => {
    const page = openWindow();
    await openPage(server);
    page.become('hidden');
    await pass(59_999);
    page.become('visible');
    await tick(1000);
    expect(framesOf('presence')).toEqual([]);
    page.become('hidden');
    await pass(60_000);
    expect(framesOf('presence')).toEqual([{ type: 'presence', state: 'away' }]);
    page.become('visible');
    await tick();
    expect(framesOf('presence').at(-1)).toEqual({ type: 'presence', state: 'online' });
  });

  it('stays away on the next connection, which the server takes for online', async () => {
    const page = openWindow();
    await openPage(server);
    page.become('hidden');
    await pass(55_000);
    server.socket.drop();
    await tick(1000);
    expect(server.sockets).toHaveLength(2);
    await tick(4000);
    expect(server.socket.sent).toEqual([]);
    server.socket.accept();
    expect(framesOf('presence')).toHaveLength(1);
    server.socket.drop();
    await tick(1000);
    server.socket.accept();
    expect(framesOf('presence')).toEqual([{ type: 'presence', state: 'away' }]);
  });

  it('is away after a minute in a page that was opened in the background, and not after the client is closed', async () => {
    const page = openWindow();
    page.become('hidden');
    await openPage(server);
    await pass(60_000);
    expect(framesOf('presence')).toHaveLength(1);
    server.tidings.close();
    await tick();
    page.become('visible');
    expect(vi.getTimerCount()).toBe(0);
  });
});
