// @vitest-environment happy-dom
import type { Tidings } from '@tidings/client';
import { useConnection, useDraft, usePresence, useReadOnView, useTyping } from '@tidings/client/react';
import { type ChangeEvent, type ReactNode, createElement as h } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeServer, THREAD, messageOf } from '../fake-server.js';
import { useFakeServer } from '../page.js';
import { mount, settle, uses } from './mount.js';
import { all, frame, messages, open, THREE } from './parts.js';

/** A part of the store that the test changes. */
class FakeSlice<T> {
  readonly listeners = new Set<() => void>();
  constructor(private value: T) {}
  getSnapshot = () => this.value;
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  reload = async () => undefined;
  set = (value: T) => {
    this.value = value;
    for (const listener of this.listeners) listener();
  };
}

const fake = useFakeServer();
let server: FakeServer;
let typing: FakeSlice<readonly string[]>;
let presence: FakeSlice<ReturnType<typeof usePresence>>;
let draft: FakeSlice<string>;
const calls = { type: vi.fn<(id: string) => void>(), see: vi.fn<(message: { id: string }) => () => void>() };
const leave = vi.fn<() => void>();
beforeEach(() => {
  server = fake.current;
  typing = new FakeSlice<readonly string[]>([]);
  presence = new FakeSlice<ReturnType<typeof usePresence>>(undefined);
  draft = new FakeSlice('');
  calls.type.mockReset();
  calls.see.mockReset().mockReturnValue(leave);
  leave.mockReset();
  const { store, actions }: Tidings = server.tidings;
  Object.assign(store, { typing: () => typing, presence: () => presence, draft: () => draft });
  Object.assign(actions, { ...calls, saveDraft: (_id: string, text: string) => draft.set(text) });
});

describe('typing and presence', () => {
  const typers = () =>
    uses(
      () => useTyping(THREAD),
      ({ typing: ids }) => ids.join(),
    );

  it('show who types, and say that the person does', async () => {
    const shown = typers();
    const page = mount(server.tidings, h(shown));
    await settle();
    typing.set(['theo']);
    await settle();
    expect(page.text()).toBe('theo');
    shown.latest.current.type();
    expect(calls.type.mock.calls).toEqual([[THREAD]]);
    page.unmount();
    expect(typing.listeners.size).toBe(0);
  });

  it('show whether a person is online', async () => {
    const page = mount(
      server.tidings,
      h(
        uses(
          () => usePresence('theo'),
          (one) => one?.state,
        ),
      ),
    );
    await settle();
    presence.set({ state: 'away', last_seen_at: null });
    await settle();
    expect(page.text()).toBe('away');
  });

  it('change in the same commit as the message that ends them', async () => {
    const page = await open(server, [messages(), typers(), uses(useConnection)]);
    typing.set(['theo']);
    await settle();
    page.commits = 0;
    typing.set([]);
    server.socket.sync(1, frame);
    await settle();
    expect(page.text()).toBe(`${THREE},text 4`);
    expect(page.commits).toBe(1);
  });
});

describe('a draft', () => {
  it('is in the input before the browser handles the next key', async () => {
    const Input = (): ReactNode => {
      const { draft: value, saveDraft } = useDraft(THREAD);
      const onChange = (event: ChangeEvent) =>
        saveDraft((event.target as unknown as { value: string }).value);
      return h('input', { value, onChange });
    };
    const page = mount(server.tidings, h(Input));
    await settle();
    draft.set('Hello');
    await Promise.resolve();
    await Promise.resolve();
    expect(page.input().value).toBe('Hello');
  });
});

describe('a message in view', () => {
  let change: (ratio: number, seen?: number) => void;
  let isObserved = false;
  beforeEach(() => {
    vi.stubGlobal(
      'IntersectionObserver',
      class {
        constructor(changed: (entries: object[]) => void) {
          change = (intersectionRatio, height = 0) =>
            changed([{ intersectionRatio, intersectionRect: { height }, rootBounds: { height: 100 } }]);
        }
        observe = () => (isObserved = true);
        disconnect = () => (isObserved = false);
      },
    );
  });
  const Row = ({ seq, rev = 1 }: { seq: number; rev?: number }): ReactNode =>
    h('p', { ref: useReadOnView(messageOf(seq, { rev })) }, seq);

  it('is seen until it leaves the view, whatever else of it changes', async () => {
    const page = mount(server.tidings, h(Row, { seq: 1 }));
    await settle();
    change(0.4);
    expect(calls.see).not.toHaveBeenCalled();
    change(0.5);
    change(1);
    page.render(h(Row, { seq: 1, rev: 2 }));
    await settle();
    expect(calls.see.mock.calls).toMatchObject([[{ id: 'm1' }]]);
    expect(leave).not.toHaveBeenCalled();
    change(0);
    expect(leave).toHaveBeenCalledOnce();
  });

  it('is seen when it is higher than the page, once it fills half of that', async () => {
    mount(server.tidings, h(Row, { seq: 1 }));
    await settle();
    change(0.05, 49);
    expect(calls.see).not.toHaveBeenCalled();
    change(0.06, 51);
    expect(calls.see).toHaveBeenCalledOnce();
  });

  it('is no longer seen when its row shows another message or goes', async () => {
    const page = mount(server.tidings, h(Row, { seq: 1 }), { isStrict: true });
    await settle();
    change(1);
    page.render(h(Row, { seq: 2 }));
    await settle();
    expect(leave).toHaveBeenCalledOnce();
    change(1);
    expect(calls.see.mock.calls).toMatchObject([[{ id: 'm1' }], [{ id: 'm2' }]]);
    page.render(all([]));
    await settle();
    expect(leave).toHaveBeenCalledTimes(2);
    expect(isObserved).toBe(false);
  });

  it('is not seen where nothing can tell', async () => {
    vi.stubGlobal('IntersectionObserver', undefined);
    const page = mount(server.tidings, h(Row, { seq: 1 }));
    await settle();
    expect(page.text()).toBe('1');
  });
});
