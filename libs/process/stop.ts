import { setTimeout as delay } from 'node:timers/promises';

/** What a program was asked to stop by. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'npm is gone';

/**
 * npm forwards the signals it receives, and Ctrl-C reaches it together with its child: one Ctrl-C arrives twice. So a
 * signal that follows another this soon belongs to the same stop.
 */
const SAME_STOP_MILLISECONDS = 1000;

/** The scripts of package.json that run for long. */
const SCRIPTS = ['start', 'start:prod', 'worker'];

const PARENT_CHECK_MILLISECONDS = 1000;

/** Work that has begun is finished, but must not hold up the stop for ever. */
const MAX_CLOSE_MILLISECONDS = 10_000;

/** Resolves when the program is to stop. A second signal exits at once. */
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
    whenNpmIsGone(() => resolve('npm is gone'));
  });
}

/**
 * A killed npm cannot forward signals any more, and whoever started it takes the program for stopped: it would keep
 * the port. A program that npm did not start may outlive its parent, as under nohup.
 */
function whenNpmIsGone(stop: () => void): void {
  if (!SCRIPTS.includes(process.env['npm_lifecycle_event'] ?? '')) return;
  const npm = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(timer);
    stop();
  }, PARENT_CHECK_MILLISECONDS);
  timer.unref();
}

/** Waits until the application has finished its work, within limits. */
export const closeInTime = (app: { close(): Promise<void> }): Promise<void> =>
  Promise.race([app.close(), delay(MAX_CLOSE_MILLISECONDS)]);
