import type { CancelReason } from './cancel-reason.js';
import type { SentChannel } from './sent-channel.js';
import type { Decisions, Digest, Priority } from '#preferences';

/** Everything that is sent to somebody of one notification, and what decides whether it still should be. */
export interface OutboundDelivery {
  organization: { id: string; name: string };
  delivery: {
    id: string;
    channel: SentChannel;
    target_id: string;
    digest: Digest | null;
    attempts: number;
    /** By the clock of the database, which every worker goes by. */
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
    decisions: Decisions;
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
    /** Of the thread that it is about. */
    muted_until: Date | null;
    /** They block who did what it tells of. */
    blocks_actor: boolean;
  };
}

/** How an attempt to send ended. An error is for admins to read: no secret, and no content. */
export type SendOutcome =
  | { status: 'sent' }
  /** To try again would not help. */
  | { status: 'failed'; error: string }
  /** To be tried again, not before so many seconds if the other side has said so. */
  | { status: 'retry'; error: string; afterSeconds?: number }
  /** It is not wanted any more. */
  | { status: 'cancelled'; reason: CancelReason };

/** It waited for a digest, or for a pause or quiet hours to end, and is decided anew when its time has come. */
export const hasWaited = ({ delivery, notification }: OutboundDelivery): boolean =>
  delivery.digest !== null || notification.decisions[delivery.channel].delayed_until !== null;

/** What can carry items to one channel. It sends once, and says how that ended. */
export interface ChannelSender {
  send(item: OutboundDelivery, signal: AbortSignal): Promise<SendOutcome>;
}
