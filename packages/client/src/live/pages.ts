import type { Changes, Message } from '../types.js';
import type { StateFrame, TypeFrame } from '../generated/types.gen.js';
import type { ChangeListener, ChangeSource, Connection, Signal } from './change-source.js';
import type { PlainMessage } from './unsent-message.js';

/** What the pages of a person send to each other. */
export type PageMessage =
  | { type: 'page'; id: string; threads: string[]; cursor: string }
  | { type: 'left'; id: string }
  | { type: 'leader'; cursor: string; connection: Connection }
  | { type: 'frame'; from: string; changes: Changes; shown: string[] }
  | { type: 'connection'; connection: Connection }
  | { type: 'signal'; signal: Signal }
  | { type: 'send'; id: string; frame: TypeFrame | StateFrame }
  | { type: 'unsent'; message: PlainMessage }
  | { type: 'discarded'; clientToken: string }
  | { type: 'sent'; clientToken: string; message: Message }
  | { type: 'draft'; threadId: string; text: string }
  | { type: 'signed out' };

/** Everything that pages do together, and what is kept for later ones. */
export interface Pages {
  /** One page leads: it follows changes, and sends, for all. */
  readonly isLeader: boolean;
  /** To the other pages. */
  post: (message: PageMessage) => void;
  all: <T>(kind: string) => Promise<T[]>;
  put: (kind: string, id: string, value: unknown) => Promise<void>;
  remove: (kind: string, id: string) => Promise<void>;
  /** Removes everything, and keeps nothing from now on. */
  clear: () => Promise<void>;
  source: (listener: ChangeListener) => ChangeSource;
  /** Shows what an earlier page has shown. */
  load: () => Promise<void>;
  /** Something that is shown has changed. */
  touch: () => void;
  /** Begins to share, once everything that was kept is loaded. */
  open: () => void;
  close: () => void;
}

export interface PagesListener {
  /** This page leads from now on, or another one has come, and earlier ones may have left something to do. */
  lead: () => void;
  receive: (message: PageMessage) => void;
}

/** A client that shares with no other, and keeps nothing. */
export const alone = (source: Pages['source'], { lead }: PagesListener): Pages => ({
  isLeader: true,
  post: nothing,
  all: () => Promise.resolve([]),
  put: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  clear: () => Promise.resolve(),
  source,
  load: () => Promise.resolve(),
  touch: nothing,
  open: lead,
  close: nothing,
});

const nothing = (): void => undefined;
