import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import { type PreparedListener, type ReadyDraft, type Send, SendListener } from '#messaging';
import { findTypeSources } from '#preferences';
import { decideDraft, decider, publishCreated } from './create-notifications.js';
import { FeedSignal } from './feed-signal.js';
import { MESSAGE, draftsOf } from './message-drafts.js';
import { type SendRecipient, findRecipients } from './send-audience.queries.js';
import { notificationsOfSends } from './insert.queries.js';

/** Larger groups are notified by the handler of message.sent, outside the transaction that sends. */
const MAX_RECIPIENTS = 50;

/** The same for a batch of sends: more would keep its threads locked for too long. */
const MAX_RECIPIENTS_OF_BATCH = 500;

/** Writes the notifications of messages in the transaction that sends them. */
@Injectable()
export class NotifyingSendListener extends SendListener {
  constructor(private readonly feeds: FeedSignal) {
    super();
  }

  override async prepare(tx: Transaction, sends: Send[]): Promise<PreparedListener> {
    const [recipients, { now, sourcesOf }] = await Promise.all([
      findRecipients(tx, sends, MAX_RECIPIENTS),
      findTypeSources(tx, MESSAGE),
    ]);
    const hasWebhook = recipients.some(({ has_webhook }) => has_webhook);
    const recipientsOf = Map.groupBy(recipients, ({ at }) => at);
    const addresses = new Map(recipients.map((recipient) => [recipient.user_id, recipient]));
    const sources = new Map(recipients.map(({ user_id, choices }) => [user_id, sourcesOf(choices)]));
    const decide = decider(now);
    return (drafts) => {
      const covered = firstWithFew(drafts, recipientsOf);
      const decided = covered
        .flatMap((draft) => notificationsOf(draft, recipientsOf.get(draft.at)!))
        .map((draft) =>
          decideDraft(draft, ({ userId, mutedUntil }) =>
            decide(sources.get(userId)!, draft.priority, mutedUntil),
          ),
        );
      publishCreated(tx, this.feeds, { drafts: decided, addresses, hasWebhook });
      return { drafts: covered, write: notificationsOfSends(tx, MESSAGE, decided) };
    };
  }
}

/** The first drafts that have recipients, and together not too many. */
function firstWithFew(drafts: ReadyDraft[], recipientsOf: Map<number, SendRecipient[]>): ReadyDraft[] {
  let count = 0;
  return drafts.filter(({ at }) => {
    const recipients = recipientsOf.get(at)?.length ?? 0;
    count += recipients;
    return recipients > 0 && count <= MAX_RECIPIENTS_OF_BATCH;
  });
}

const notificationsOf = ({ id, threadId, senderId, input }: ReadyDraft, recipients: SendRecipient[]) =>
  draftsOf(
    {
      message_id: id,
      thread_id: threadId,
      sender_id: senderId,
      sender_name: recipients[0]!.sender_name,
      content: input.content,
    },
    recipients,
  );
