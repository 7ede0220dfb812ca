import { beforeEach, expect, it, vi } from 'vitest';
import { type FakeServer, THREAD, changesOf, later, messageOf, threadOf } from './fake-server.js';
import { json, problem } from './fake-fetch.js';
import { openWindow, tick, useFakeServer } from './page.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

const state = () => server.tidings.store.connection.getSnapshot();

async function open(): Promise<void> {
  server.tidings.store.messages(THREAD).subscribe(() => undefined);
  await tick();
}

const polls = () => server.requests.filter((request) => request.startsWith('GET realtime/changes?'));

it('opens one socket, with the cursor, what is shown and the token', async () => {
  await open();
  expect(server.sockets).toHaveLength(1);
  expect(server.socket).toMatchObject({
    url: `wss://t.example/api/v1/realtime?cursor=c0&threads=${THREAD}`,
    protocols: ['tidings.v2', 'token1'],
  });
  expect(state()).toBe('connecting');
  server.socket.accept();
  expect(state()).toBe('live');
  expect(server.socket.sent).toEqual([]);
});

it('names no threads in the URL while none is shown', async () => {
  server.tidings.store.threads.subscribe(() => undefined);
  await tick();
  expect(server.socket.url).toBe('wss://t.example/api/v1/realtime?cursor=c0');
});

it('sends what is shown if that changed while the socket opened', async () => {
  await open();
  server.tidings.store.messages('a').subscribe(() => undefined);
  server.socket.accept();
  expect(server.socket.sent).toEqual([{ type: 'focus', threads: ['a', THREAD] }]);
});

it('acknowledges every frame once it is applied', async () => {
  await open();
  server.socket.accept();
  server.socket.sync(1, { cursor: 'c1' });
  server.socket.sync(2, { cursor: 'c2' });
  expect(server.socket.sent).toEqual([
    { type: 'ack', n: 1 },
    { type: 'ack', n: 2 },
  ]);
});

it('says changes of what is shown together, and not more often than the server accepts', async () => {
  await open();
  server.socket.accept();
  const show = (id: string) => server.tidings.store.messages(id).subscribe(() => undefined);
  const stops: (() => void)[] = [];
  for (const id of ['a', 'b', 'c']) {
    stops.push(show(id));
    await tick(40);
  }
  await tick(200);
  for (const stop of stops) stop();
  await tick(200);
  expect(server.socket.sent.map(({ threads }) => threads)).toEqual([
    ['a', THREAD],
    ['c', 'b', 'a', THREAD],
    [THREAD],
  ]);
});

it('returns after a cut with the cursor of the last applied frame', async () => {
  await open();
  server.socket.accept().sync(1, { cursor: 'c7' });
  server.socket.drop();
  await tick(1000);
  expect(server.sockets).toHaveLength(2);
  expect(server.socket.url).toContain('cursor=c7');
  server.socket.accept();
  expect(state()).toBe('live');
});

it('returns when the server asks for it', async () => {
  await open();
  server.socket.accept().push({ type: 'drain', in_ms: 3000 });
  server.socket.drop(1001);
  await tick(2999);
  expect(server.sockets).toHaveLength(1);
  await tick(1);
  expect(server.sockets).toHaveLength(2);
});

it('gets a new token when the server says that it has expired', async () => {
  await open();
  server.socket.accept().drop(4401);
  await tick(1000);
  expect(server.socket.protocols).toEqual(['tidings.v2', 'token2']);
});

it('ends when the person was removed', async () => {
  await open();
  server.socket.accept().drop(4403);
  await tick(120_000);
  expect(state()).toBe('ended');
  expect(server.sockets).toHaveLength(1);
});

it('asks a silent server whether it is there, and returns if it is not', async () => {
  await open();
  const first = server.socket.accept();
  await tick(45_000);
  expect(first.sent.map(({ type }) => type)).toEqual(['focus']);
  first.confirm();
  await tick(45_000);
  await tick(10_000);
  expect(first.isClosed).toBe(true);
  await tick(1000);
  expect(server.sockets).toHaveLength(2);
});

it('returns at once when the page is visible again', async () => {
  const page = openWindow();
  vi.spyOn(Math, 'random').mockReturnValue(0.99);
  await open();
  server.socket.accept().drop();
  await tick(10);
  page.become('hidden');
  await tick(10);
  expect(server.sockets).toHaveLength(1);
  page.become('visible');
  await tick();
  expect(server.sockets).toHaveLength(2);
  // A connection that looks open may be dead.
  server.socket.accept();
  page.become('visible');
  expect(server.socket.sent).toHaveLength(1);
});

it('polls where sockets fail, also for the messages of new threads, and tries a socket after a minute', async () => {
  await open();
  let waiting = later();
  server.answers.set('GET realtime/changes', ({ path }) => {
    if (path.includes('wait=0')) return json(changesOf({ cursor: 'c1', counts: null }));
    waiting = later();
    return waiting.answer;
  });
  server.socket.drop();
  await tick(300);
  expect(state()).toBe('polling');
  expect(polls().at(-1)).toContain(`cursor=c1&wait=25&threads=${THREAD}`);
  server.tidings.store.messages('b').subscribe(() => undefined);
  await tick();
  expect(polls().at(-1)).toContain(`cursor=c1&wait=25&threads=b%2C${THREAD}`);
  const rows = () => server.tidings.store.messages(THREAD).getSnapshot().rows.length;
  waiting.respond(json(changesOf({ cursor: 'c2', threads: [threadOf()], messages: [messageOf(4)] })));
  await tick(300);
  expect(rows()).toBe(4);
  for (let waited = 0; waited < 4; waited++) {
    waiting.respond(json(changesOf({ cursor: 'c3', counts: null })));
    await tick(25_000);
  }
  expect(server.sockets).toHaveLength(2);
  expect(server.socket.url).toContain('cursor=c3');
});

it('polls where the page may not open a socket', async () => {
  const { store, close } = server.create({ isForbidden: true });
  store.counts.subscribe(() => undefined);
  await tick(1000);
  expect(store.connection.getSnapshot()).toBe('polling');
  close();
});

it('is offline while nothing reaches the server, and returns by itself', async () => {
  await open();
  server.answers.set('GET realtime/changes', () => new Error('offline'));
  for (let attempt = 0; attempt < 3; attempt++) {
    server.socket.drop();
    await tick(30_000);
  }
  expect(state()).toBe('offline');
  expect(server.sockets.length).toBeGreaterThanOrEqual(3);
  while (server.socket.isClosed) await tick(1000);
  server.socket.accept();
  expect(state()).toBe('live');
});

it('ends when the server refuses the person', async () => {
  await open();
  server.answers.set('GET realtime/changes', () => problem(403, 'forbidden'));
  server.socket.drop();
  await tick(120_000);
  expect(state()).toBe('ended');
  expect(server.sockets).toHaveLength(1);
});

it('loads everything again if the server does not know the cursor', async () => {
  await open();
  server.answers.set('GET realtime/changes', ({ path }) =>
    path.includes('cursor=c0')
      ? problem(400, 'validation_failed')
      : json(changesOf({ cursor: 'n1', counts: null })),
  );
  server.rows = [messageOf(9)];
  server.socket.drop();
  await tick(2000);
  expect(
    server.tidings.store
      .messages(THREAD)
      .getSnapshot()
      .rows.map(({ seq }) => seq),
  ).toEqual([9]);
  expect(polls().at(-1)).toContain('cursor=n1');
});

it('stops when the client is closed', async () => {
  await open();
  server.socket.accept();
  server.tidings.close();
  await tick(120_000);
  expect(server.socket.isClosed).toBe(true);
  expect(server.sockets).toHaveLength(1);
});
