// @vitest-environment happy-dom
import { QueryClient } from '@tanstack/react-query';
import { useMessages, useTidings, useUnreadCount } from '@tidings/client/react';
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeServer, OTHER, THREAD, threadOf } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { settle, uses } from './mount.js';
import { all, open, threads } from './parts.js';

const fake = useFakeServer();
let server: FakeServer;
beforeEach(() => {
  server = fake.current;
});

describe('two clients in one QueryClient', () => {
  it('do not mix, and a client that takes the place of another shows its own threads', async () => {
    const queryClient = new QueryClient();
    const page = await open(server, [threads()], { queryClient });
    const other = server.create();
    server.thread = threadOf({ id: OTHER });
    page.render(all([threads()]), other);
    await settle();
    expect(page.text()).toBe('302:3');
    other.close();
  });
});

describe('a closed client', () => {
  it('refuses what is still loading, and keeps what was loaded', async () => {
    const shown = threads();
    const page = await open(server, [shown]);
    server.answers.set(`GET messages/threads/${THREAD}`, () => new Promise(() => undefined));
    const loading = uses(
      () => useMessages(THREAD),
      ({ error }) => error?.message,
    );
    page.render(all([shown, loading]));
    await settle();
    server.tidings.close();
    await settle();
    expect(page.text()).toBe('301:3The client is closed.');
    page.render(h(uses(useUnreadCount, ({ error }) => error?.message)));
    await settle();
    expect(page.text()).toBe('The client is closed.');
  });
});

describe('hooks without a provider', () => {
  it('say what is missing', () => {
    expect(() => renderToString(h(uses(useTidings)))).toThrow('<TidingsProvider client={…}> above them');
  });
});
