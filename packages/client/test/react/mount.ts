import { QueryClient, QueryClientProvider, QueryErrorResetBoundary } from '@tanstack/react-query';
import { TidingsProvider } from '@tidings/client/react';
import { Component, Profiler, StrictMode, Suspense, createElement as h, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { type MockInstance, afterEach, beforeEach, expect, vi } from 'vitest';
import type { FakeServer } from '../fake-server.js';
import { tick } from '../page.js';

type Tidings = FakeServer['tidings'];

// React renders in tasks of its own, which go on while the time of the test stands still.
const { setImmediate, setTimeout } = globalThis;

/** Lets React and the store finish what they have begun, and then time pass. */
export async function settle(milliseconds = 0): Promise<void> {
  const turns = async () => {
    for (let turn = 0; turn < 5; turn++) {
      await tick();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await turns();
  if (milliseconds === 0) return;
  await tick(milliseconds);
  await turns();
}

/** React shows what was suspended at least 300 ms after the fallback. */
export async function settleSuspended(): Promise<void> {
  await settle();
  await new Promise((resolve) => setTimeout(resolve, 350));
  await settle();
}

interface BoundaryProps {
  reset: () => void;
  children?: ReactNode;
}

/** Shows the code of an error, and tries again when it is clicked. */
class ErrorBoundary extends Component<BoundaryProps, { error?: { code: string } }> {
  override state: { error?: { code: string } } = {};
  static getDerivedStateFromError = (error: { code: string }) => ({ error });
  private readonly tryAgain = () => {
    this.props.reset();
    this.setState({ error: undefined });
  };
  override render(): ReactNode {
    const { error } = this.state;
    return error ? h('button', { onClick: this.tryAgain }, `error ${error.code}`) : this.props.children;
  }
}

const roots = new Set<{ unmount: () => void }>();
let log: MockInstance<typeof console.error>;
beforeEach(() => {
  log = vi.spyOn(console, 'error');
});
afterEach(() => {
  for (const root of roots) root.unmount();
  roots.clear();
  const warnings = log.mock.calls;
  log.mockRestore();
  expect(warnings, 'what React warns of').toEqual([]);
});

export interface MountOptions {
  isStrict?: boolean;
  queryClient?: QueryClient;
}

/** Mounts components below the providers, and counts the commits. */
export function mount(tidings: Tidings, children: ReactNode, options: MountOptions = {}) {
  const { isStrict = false, queryClient = new QueryClient() } = options;
  const container = document.createElement('div');
  document.body.append(container);
  const root = createRoot(container, { onCaughtError: () => undefined });
  roots.add(root);
  const tree = (shown: ReactNode, client: Tidings) => {
    const profiled = h(Profiler, { id: 'page', onRender: () => void page.commits++ }, shown);
    const suspense = h(Suspense, { fallback: 'suspended' }, profiled);
    const caught = h(QueryErrorResetBoundary, {
      children: ({ reset }) => h(ErrorBoundary, { reset }, suspense),
    });
    const provided = h(QueryClientProvider, { client: queryClient }, h(TidingsProvider, { client }, caught));
    return isStrict ? h(StrictMode, null, provided) : provided;
  };
  const page = {
    commits: 0,
    queryClient,
    text: () => container.textContent,
    input: () => container.querySelector('input')!,
    click: () => container.querySelector('button')!.click(),
    render: (shown: ReactNode, client = tidings) => root.render(tree(shown, client)),
    unmount: () => root.unmount(),
  };
  page.render(children);
  return page;
}

/** A component that calls a hook and shows what `text` says of its result. */
export function uses<T>(hook: () => T, text: (result: T) => unknown = () => '') {
  const latest = {} as { current: T };
  const shown: string[] = [];
  function Uses(): ReactNode {
    latest.current = hook();
    const now = String(text(latest.current));
    if (shown.at(-1) !== now) shown.push(now);
    return h('p', null, now);
  }
  return Object.assign(Uses, { shown, latest });
}
