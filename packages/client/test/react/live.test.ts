// @vitest-environment happy-dom
import { messagesQuery, useConnection, useMessages, useThread, useThreads } from '@tidings/client/react';
import { createElement as h } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import { json } from '../fake-fetch.js';
import { type FakeServer, OTHER, THREAD, later, messageOf, threadOf } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { mount, settle, uses } from './mount.js';
import { THREE, all, frame, messages, open, threads, unreadCount } from './parts.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

const loads = () => server.requests.filter((one) => one.startsWith(`GET messages/threads/${THREAD}`)).length;

describe('hooks', () => {
  it('show what is loaded, and then what frames bring', async () => {
    const page = mount(server.tidings, all([threads(), messages()]));
    await settle();
    expect(page.text()).toBe(`301:3${THREE}`);
    server.socket.accept();
    server.socket.sync(1, frame);
    await settle();
    expect(page.text()).toBe(`301:4${THREE},text 4`);
  });

  it('show everything that a frame changes in one commit', async () => {
    const page = await open(server, [
      threads(),
      unreadCount(),
      messages(),
      messages(),
      uses(useConnection, String),
    ]);
    server.socket.sync(1, frame);
    await settle();
    expect(page.text()).toBe(`301:44${`${THREE},text 4`.repeat(2)}live`);
    expect(page.commits).toBe(1);
  });

  it('commit once when they are loading, and once when they are loaded', async () => {
    const page = mount(server.tidings, all([messages(), messages()]));
    await settle();
    expect(page.text()).toBe(THREE.repeat(2));
    expect(page.commits).toBe(2);
    const { queryKey } = messagesQuery(server.tidings, THREAD);
    expect(page.queryClient.getQueryState(queryKey)).toMatchObject({ dataUpdateCount: 1 });
  });

  it('share one load, and commit nothing when nothing changes', async () => {
    const page = await open(server, [
      messages(),
      messages(),
      uses(
        () => useThread(THREAD),
        ({ data }) => data?.id,
      ),
    ]);
    expect(loads()).toBe(1);
    server.socket.sync(1, { threads: [threadOf()] });
    await settle();
    expect(page.commits).toBe(0);
  });

  it('render the rows of the store, so that those that did not change keep their references', async () => {
    const shown = messages();
    await open(server, [shown]);
    const before = shown.latest.current.data!.rows;
    server.socket.sync(1, frame);
    await settle();
    const { rows } = shown.latest.current.data!;
    expect(rows).toBe(server.tidings.store.messages(THREAD).getSnapshot().rows);
    expect(rows).toHaveLength(4);
    expect(rows.slice(0, 3).every((row, at) => row === before[at])).toBe(true);
  });

  it('load once and subscribe once in StrictMode', async () => {
    const page = await open(server, [messages(), threads()], { isStrict: true });
    expect(loads()).toBe(1);
    expect(server.requests.filter((one) => one.includes('threads?'))).toHaveLength(1);
    server.socket.sync(1, frame);
    await settle();
    expect(page.text()).toBe(`${THREE},text 4301:4`);
  });

  it('follow a thread until a second after the last component that shows it', async () => {
    const shown = messages();
    const page = await open(server, [shown, shown]);
    page.render(all([shown]));
    await settle(5000);
    expect(server.socket.sent.filter(({ type }) => type === 'focus')).toEqual([]);
    page.render(null);
    await settle(500);
    expect(server.socket.sent.filter(({ type }) => type === 'focus')).toEqual([]);
    await settle(5000);
    expect(server.socket.sent.findLast(({ type }) => type === 'focus')).toEqual({
      type: 'focus',
      threads: [],
    });
  });

  it('show a thread at once when it is shown again, with what happened meanwhile', async () => {
    const shown = messages();
    const page = await open(server, [shown]);
    page.render(null);
    await settle(5000);
    server.socket.confirm();
    server.rows = [...server.rows, messageOf(4)];
    server.socket.sync(1, { threads: [threadOf({ last_seq: 4 })] });
    page.render(all([shown]));
    await settle();
    expect(shown.shown.slice(1)).toEqual([THREE, `${THREE},text 4`]);
  });

  it('end with a component that is unmounted while it is loading', async () => {
    const page = later();
    server.answers.set(`GET messages/threads/${THREAD}`, () => page.answer);
    const shown = messages();
    const { render, queryClient, text } = mount(server.tidings, all([shown]));
    await settle();
    server.socket.accept();
    render(null);
    await settle(5000);
    expect(queryClient.getQueryCache().getAll()).toEqual([]);
    expect(server.socket.sent.at(-1)).toEqual({ type: 'focus', threads: [] });
    page.respond(json(server.page()));
    render(all([shown]));
    await settle();
    expect(text()).toBe(THREE);
  });

  it('show another thread when the id is another', async () => {
    server.answers.set(`GET messages/threads/${OTHER}`, () =>
      json(server.page({ id: OTHER, messages: [messageOf(1, { thread_id: OTHER, content: 'other' })] })),
    );
    const Messages = ({ id }: { id: string }) =>
      useMessages(id)
        .data?.rows.map(({ content }) => content)
        .join() ?? 'pending';
    const page = mount(server.tidings, h(Messages, { id: THREAD }));
    await settle();
    page.render(h(Messages, { id: OTHER }));
    await settle();
    expect(page.text()).toBe('other');
  });

  it('load nothing while they are not enabled', async () => {
    let enabled = false;
    const shown = uses(
      () => useThreads({ enabled }),
      ({ data }) => data?.rows.length,
    );
    const page = mount(server.tidings, h(shown));
    await settle();
    expect(server.requests).toEqual([]);
    enabled = true;
    page.render(h(shown, { key: 'again' }));
    await settle();
    expect(page.text()).toBe('1');
  });
});
