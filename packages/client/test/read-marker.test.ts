import { beforeEach, expect, it, vi } from 'vitest';
import { type FakeServer, THREAD, later, messageOf, threadOf } from './fake-server.js';
import { json, problem } from './fake-fetch.js';
import { openPage, openWindow, tick, useFakeServer } from './page.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
  server.answers.set(READ, () => json({ last_read_at: null, unread_count: 0 }));
});

const READ = `POST messages/threads/${THREAD}/read`;

/** Up to which messages the thread was marked as read. */
const marks = () => server.sent.filter(({ path }) => path.endsWith('/read')).map(({ body }) => body.up_to);

it('marks a thread as read up to the newest message that was in view for a second', async () => {
  const { actions, threads } = await openPage(server);
  actions.see(messageOf(2));
  actions.see(messageOf(1));
  const stop = actions.see(messageOf(3));
  await tick(999);
  stop();
  expect(marks()).toEqual([]);
  await tick(1);
  expect(marks()).toEqual(['m2']);
  expect(threads.getSnapshot().rows[0]).toMatchObject({ last_read_seq: 2, unread_count: 1 });
  await tick(5000);
  expect(marks()).toEqual(['m2']);
});

it('sends at most one request a second for a thread, for the newest message then', async () => {
  const { actions } = await openPage(server);
  for (let seq = 1; seq <= 10; seq++) {
    actions.see(messageOf(seq));
    await tick(300);
  }
  await tick(5000);
  expect(marks()).toEqual(['m1', 'm4', 'm7', 'm10']);
});

it('waits for the request that is in flight', async () => {
  const { actions } = await openPage(server);
  const answer = later();
  server.answers.set(READ, () => answer.answer);
  actions.see(messageOf(1));
  await tick(1000);
  actions.see(messageOf(3));
  actions.see(messageOf(2));
  await tick(5000);
  expect(marks()).toEqual(['m1']);
  answer.respond(json({}));
  server.answers.set(READ, () => json({}));
  await tick(1000);
  expect(marks()).toEqual(['m1', 'm3']);
});

it('sends nothing that is read already', async () => {
  server.thread = threadOf({ last_read_seq: 2, unread_count: 1 });
  const { actions } = await openPage(server);
  actions.see(messageOf(2));
  await tick(1000);
  expect(marks()).toEqual([]);
  // Read on another device, while it was in view.
  actions.see(messageOf(3));
  await tick(500);
  server.socket.sync(1, { threads: [threadOf({ last_read_seq: 3, unread_count: 0 })] });
  await tick(1000);
  expect(marks()).toEqual([]);
});

it('sends one request for a thread that was never loaded', async () => {
  server.tidings.actions.see(messageOf(1));
  await tick(5000);
  expect(marks()).toEqual(['m1']);
});

it('counts only time in which the page is visible and its window focused', async () => {
  const page = openWindow();
  const { actions } = await openPage(server);
  page.become('hidden');
  actions.see(messageOf(1));
  await tick(5000);
  page.become('visible');
  await tick(600);
  page.focus(false);
  await tick(5000);
  page.focus(true);
  await tick(999);
  expect(marks()).toEqual([]);
  await tick(1);
  expect(marks()).toEqual(['m1']);
});

it('tries again after a failure of the network, and not after a refusal', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const { actions } = await openPage(server);
  server.answers.set(READ, () => problem(403, 'forbidden'));
  actions.see(messageOf(1));
  await tick(60_000);
  expect(marks()).toEqual(['m1']);
  server.answers.set(READ, () => new Error('offline'));
  actions.see(messageOf(2));
  await tick(60_000);
  const failed = marks().length;
  expect(failed).toBeGreaterThan(6);
  server.answers.set(READ, () => json({}));
  await tick(60_000);
  expect(marks()).toHaveLength(failed + 1);
});

it('stops with the client, and leaves no listener behind once a message is out of view or read', async () => {
  const page = openWindow();
  const { actions } = await openPage(server);
  const before = page.listeners();
  actions.see(messageOf(1))();
  actions.see(messageOf(2));
  await tick(1000);
  expect(page.listeners()).toBe(before);
  page.become('hidden');
  page.become('visible');
  await tick(2000);
  expect(marks()).toEqual(['m2']);
  server.answers.set(READ, () => new Error('offline'));
  actions.see(messageOf(3));
  await tick(1000);
  server.tidings.close();
  await tick();
  expect(vi.getTimerCount()).toBe(0);
});
