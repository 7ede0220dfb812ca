import { type Position, encodeCursor } from '#change-log';
import type { MessageView, ThreadMark, ThreadView } from '#messaging';
import type { FeedCount, NotificationRow } from '#notifications';
import type { MessagePlace } from './changed-messages.js';

/** The current state of everything that changed for a person since a cursor. */
export interface Sync {
  /** Where the next one continues. */
  cursor: string;
  /** The changes since the cursor are unknown or too many: the client loads everything again. */
  reset: boolean;
  threads: ThreadView[];
  goneThreads: string[];
  messages: MessageView[];
  goneMessages: MessagePlace[];
  /** Threads that the client shows and that the person has joined or left: it loads their messages again. */
  resetThreads: string[];
  /** Of the threads that the client shows and that changed: all their read marks. */
  marks: { threadId: string; marks: ThreadMark[] }[];
  notifications: NotificationRow[];
  goneNotifications: string[];
  /** There are too many new notifications: the client loads the feed again. */
  resetNotifications: boolean;
  counts: Counts | null;
  preferencesChanged: boolean;
  /** When the first change was logged, on the clock of performance.now(). Only if the reader waited for it. */
  loggedAt?: number;
}

export interface Counts {
  messages: number;
  notifications: FeedCount;
}

export const hasChanged = (sync: Sync): boolean => sync.reset || sync.counts !== null;

/** Of a position since which nothing has changed. */
export const nothing = (position: Position): Sync => ({
  cursor: encodeCursor(position),
  reset: false,
  threads: [],
  goneThreads: [],
  messages: [],
  goneMessages: [],
  resetThreads: [],
  marks: [],
  notifications: [],
  goneNotifications: [],
  resetNotifications: false,
  counts: null,
  preferencesChanged: false,
});
