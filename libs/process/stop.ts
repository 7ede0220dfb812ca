import { setTimeout as delay } from 'node:timers/promises';

/** What stops a program. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'npm exited';

/**
 * npm forwards the signals it receives, and Ctrl-C reaches it and its child, so one Ctrl-C arrives twice. A second
 * signal within this time belongs to the same stop.
 */
const SAME_STOP_MILLISECONDS = 1000;

/** The long-running scripts of package.json. */
const SCRIPTS = ['start', 'start:prod', 'worker'];

const PARENT_CHECK_MILLISECONDS = 1000;

/** Requests in progress are finished, but must not delay the stop for ever. */
const MAX_CLOSE_MILLISECONDS = 10_000;

/** Resolves when the program must stop. A second signal exits at once. */
export function stopRequested(): Promise<StopReason> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        first ??= performance.now();
        if (performance.now() - first > SAME_STOP_MILLISECONDS) process.exit(1);
        resolve(signal);
      });
    }
    whenNpmExits(() => resolve('npm exited'));
  });
}

/**
 * A killed npm cannot forward signals, and its parent takes the program for stopped while it keeps the port. A
 * program that npm did not start may outlive its parent, as under nohup.
 */
function whenNpmExits(stop: () => void): void {
  if (!SCRIPTS.includes(process.env['npm_lifecycle_event'] ?? '')) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    stop();
  }, PARENT_CHECK_MILLISECONDS);
  timer.unref();
}

/** Waits until the application has finished its work, but not too long. */
export const closeInTime = (app: { close(): Promise<void> }): Promise<void> =>
  Promise.race([app.close(), delay(MAX_CLOSE_MILLISECONDS)]);
