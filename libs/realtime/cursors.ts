import { Injectable } from '@nestjs/common';
import { encodeCursor, findPosition } from '#change-log';
import { RelayPool } from '#database';

/** A cursor this old repeats only what changed meanwhile. */
const MAX_AGE_MILLISECONDS = 100;

/** Cursors for what is read after them: it may be newer than its cursor, but never older. Requests share them. */
@Injectable()
export class Cursors {
  private taken?: { cursor: Promise<string>; at: number };

  constructor(private readonly relay: RelayPool) {}

  current(): Promise<string> {
    const now = performance.now();
    if (!this.taken || now - this.taken.at > MAX_AGE_MILLISECONDS) {
      const cursor = findPosition(this.relay).then(encodeCursor);
      this.taken = { cursor, at: now };
      cursor.catch(() => {
        this.taken = undefined;
      });
    }
    return this.taken.cursor;
  }
}
