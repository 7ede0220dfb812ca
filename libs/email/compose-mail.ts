import { v5 as uuidOf } from 'uuid';
import { contentOf } from './mail-content.js';
import { htmlOf, textOf } from './mail-templates.js';
import type { OutboundDelivery } from '#outbound';
import { type UnsubscribeKey, writeToken } from './unsubscribe-token.js';

export interface Mail {
  /** The same for every attempt, as is the Message-ID, so that a recipient of two copies can recognise them. */
  id: string;
  messageId: string;
  to: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
}

/** Composes one mail of everything for one person: a notification, or a digest of several. */
export function composeMail(
  items: OutboundDelivery[],
  address: string,
  publicUrl: string,
  key: UnsubscribeKey,
): Mail {
  const { organization, recipient } = items[0]!;
  const types = new Set(items.map(({ notification }) => notification.type));
  const token = writeToken(
    {
      organizationId: organization.id,
      userId: recipient.user_id,
      type: types.size === 1 ? items[0]!.notification.type : null,
    },
    key,
  );
  const unsubscribeUrl = `${publicUrl}/api/v1/unsubscribe/${token}`;
  const content = contentOf(items, unsubscribeUrl);
  const id = idOf(items);
  return {
    id,
    messageId: `<${id}@${new URL(publicUrl).hostname}>`,
    to: { name: recipient.display_name, address },
    subject: content.subject,
    text: textOf(content),
    html: htmlOf(content),
    headers: {
      'Auto-Submitted': 'auto-generated',
      // RFC 8058: mail programs show a button that posts to this URL.
      'List-Unsubscribe': `<${unsubscribeUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  };
}

/** The id of a digest changes with its set of notifications, so a digest with another set is another mail. */
function idOf(items: OutboundDelivery[]): string {
  const ids = items.map(({ delivery }) => delivery.id).toSorted();
  return ids.length === 1 ? ids[0]! : uuidOf(ids.slice(1).join(' '), ids[0]!);
}
