import { type Transaction, isAborted, sqlStateOf } from '#database';
import type { Draft, Send } from './send-policy.js';

/** A draft whose thread exists. */
export type ReadyDraft = Draft & { threadId: string };

/**
 * Takes part in the transaction that sends; #notifications provides it. So the recipients of a message have their
 * notifications when it is committed, and no event has to be recorded, claimed and deleted for it.
 */
export abstract class SendListener {
  /** Reads in the same round trip as what decides about the sends. */
  abstract prepare(tx: Transaction, sends: Send[]): Promise<PreparedListener>;
}

/** Called once the drafts are decided, and before anything is written. */
export type PreparedListener = (drafts: ReadyDraft[]) => {
  /**
   * Drafts whose notifications it writes. The others have too many recipients and go to the handlers of message.sent.
   */
  drafts: ReadyDraft[];
  /**
   * Writes in the same round trip as the messages, after them. A message that was not written after all has no effect.
   */
  write: () => Promise<void>;
};

/** The listener failed, nothing is committed, and the same sends can be done without it. */
export class SendListenerError extends Error {
  constructor(override readonly cause: unknown) {
    // A message of the database may quote values, which belong to people.
    super(`The send listener failed (${sqlStateOf(cause) ?? String(cause)})`);
  }
}

/** Runs a step of the listener that comes before anything is written. */
export async function prepareListener<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw isAborted(error) ? error : new SendListenerError(error);
  }
}

/**
 * Runs its statements, behind which COMMIT may have left. Only if PostgreSQL itself refused one of them is the
 * transaction sure to be rolled back; a statement that failed because of one before it is not the listener's.
 */
export async function runListener(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw sqlStateOf(error) === undefined || isAborted(error) ? error : new SendListenerError(error);
  }
}
