import { notifyManager } from '@tanstack/react-query';

const due = new Set<() => void>();

/**
 * Runs the work soon, together with whatever else is due then. The store calls the listeners of all parts that changed
 * in one go, so everything that a frame of the server changes reaches React in one commit.
 */
export function schedule(work: () => void): void {
  if (due.size === 0) void Promise.resolve().then(runAll);
  due.add(work);
}

function runAll(): void {
  const works = [...due];
  due.clear();
  notifyManager.batch(() => {
    for (const work of works) work();
  });
}
