import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { encodeCursor, findPosition } from '#change-log';
import { RelayPool } from '#database';

/** A cursor this old repeats only what changed meanwhile. */
const MAX_AGE_MILLISECONDS = 100;

/** The request itself then waits for the database, and reports what is wrong. */
const MAX_WAIT_MILLISECONDS = 1000;

/** Cursors for what is read after them: it may be newer than its cursor, but never older. Requests share them. */
@Injectable()
export class Cursors {
  private taken?: { cursor: Promise<string | undefined>; at: number };

  constructor(private readonly relay: RelayPool) {}

  /** undefined if the database does not answer. */
  current(): Promise<string | undefined> {
    const now = performance.now();
    if (!this.taken || now - this.taken.at > MAX_AGE_MILLISECONDS)
      this.taken = { cursor: this.take(), at: now };
    return this.taken.cursor;
  }

  private take(): Promise<string | undefined> {
    const cursor = findPosition(this.relay).then(encodeCursor, () => undefined);
    return Promise.race([cursor, delay(MAX_WAIT_MILLISECONDS, undefined, { ref: false })]);
  }
}
