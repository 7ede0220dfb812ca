import type { CancelReason } from './cancel-reason.js';
import type { SentChannel } from './sent-channel.js';
import { DIGESTS, type Digest, type Priority, type StoredDecisions } from '#preferences';

/**
 * A delivery with everything that is sent of its notification, and everything that decides whether it still should
 * be.
 */
export interface OutboundDelivery {
  organization: { id: string; name: string };
  delivery: {
    id: string;
    channel: SentChannel;
    target_id: string;
    digest: Digest | null;
    attempts: number;
    /** By the clock of the database, which all workers use. */
    claimed_at: Date;
  };
  notification: {
    id: string;
    type: string;
    title: string;
    body: string;
    data: Record<string, unknown>;
    action_url: string | null;
    priority: Priority;
    actor_id: string | null;
    aggregation_id: string | null;
    decisions: StoredDecisions;
    created_at: Date;
    read_at: Date | null;
    deleted_at: Date | null;
    expires_at: Date | null;
  };
  recipient: {
    user_id: string;
    display_name: string;
    email: string | null;
    removed_at: Date | null;
    /** From the thread of the notification. */
    muted_until: Date | null;
    /** The recipient blocks the actor of the notification. */
    blocks_actor: boolean;
  };
}

/** The outcome of an attempt. The error is shown to admins, so it contains no secret and no content. */
export type SendOutcome =
  | { status: 'sent' }
  /** A retry would fail too. */
  | { status: 'failed'; error: string }
  /** Retried later, not before afterSeconds if the receiver asked for that. */
  | { status: 'retry'; error: string; afterSeconds?: number }
  /** The person no longer wants it. */
  | { status: 'cancelled'; reason: CancelReason };

/**
 * It waited for a digest, or for the end of a pause or quiet hours, so it is decided again when it is due. A delivery that
 * an admin retries has left its digest, but not the decision for one.
 */
export function hasWaited({ delivery, notification }: OutboundDelivery): boolean {
  const { value, delayed_until } = notification.decisions[delivery.channel];
  return delivery.digest !== null || (DIGESTS as readonly string[]).includes(value) || Boolean(delayed_until);
}

/** Sends items of one channel. It makes one attempt and returns the outcome. */
export interface ChannelSender {
  send(item: OutboundDelivery, signal: AbortSignal): Promise<SendOutcome>;
}
