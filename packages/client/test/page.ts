import { afterEach, beforeEach, vi } from 'vitest';
import { FakeServer, THREAD } from './fake-server.js';

/** A new server for each test, whose time stands still. */
export function useFakeServer(): { current: FakeServer } {
  const server = {} as { current: FakeServer };
  beforeEach(() => {
    vi.useFakeTimers();
    server.current = new FakeServer();
  });
  afterEach(() => {
    server.current.tidings.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  return server;
}

/** Lets time pass: what is due by then happens. */
export const tick = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

/** A page that shows the thread, its list and the counts. */
export async function openPage(server: FakeServer) {
  const { store, actions } = server.tidings;
  const slices = {
    threads: store.threads,
    counts: store.counts,
    messages: store.messages(THREAD),
    feed: store.feed,
  };
  const calls = { threads: 0, counts: 0, messages: 0, feed: 0 };
  for (const [name, slice] of Object.entries(slices)) {
    slice.subscribe(() => calls[name as keyof typeof calls]++);
  }
  await tick();
  server.socket.accept();
  await tick();
  const contents = () => slices.messages.getSnapshot().rows.map(({ content }) => content);
  const reset = () => Object.assign(calls, { threads: 0, counts: 0, messages: 0, feed: 0 });
  reset();
  return { store, actions, ...slices, calls, contents, reset };
}

/** Gives the client a window and a document, which the test hides and leaves. */
export function openWindow() {
  const page = new EventTarget();
  let isFocused = true;
  const document = Object.assign(new EventTarget(), {
    visibilityState: 'visible',
    hasFocus: () => isFocused,
  });
  const listened = vi.spyOn(document, 'addEventListener');
  const ended = vi.spyOn(document, 'removeEventListener');
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.stubGlobal('document', document);
  return {
    listeners: () => listened.mock.calls.length - ended.mock.calls.length,
    become: (state: 'visible' | 'hidden') => {
      document.visibilityState = state;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    focus: (to: boolean) => {
      isFocused = to;
      page.dispatchEvent(new Event(to ? 'focus' : 'blur'));
    },
  };
}
