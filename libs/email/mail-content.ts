import type { OutboundDelivery } from '#outbound';
import { truncate } from '#text';

/** The content of a mail, before it is rendered as text and HTML. */
export interface MailContent {
  subject: string;
  organization: string;
  greeting: string;
  sections: Section[];
  /** Why the person gets the mail. */
  reason: string;
  unsubscribeUrl: string;
}

/** The notifications of one type. */
interface Section {
  /** null if the mail is about nothing else. */
  label: string | null;
  groups: Group[];
}

/** The notifications of one aggregation, newest first. */
interface Group {
  items: Item[];
  /** How many more there are than the mail shows. */
  more: number;
}

export interface Item {
  title: string;
  body: string;
  url: string | null;
}

const MAX_PER_GROUP = 5;

/** With the ellipsis. */
const MAX_EXCERPT_LENGTH = 281;

/** One notification in full, or, for a digest, the beginnings of several. */
export function contentOf(items: OutboundDelivery[], unsubscribeUrl: string): MailContent {
  const { organization, recipient, notification } = items[0]!;
  return {
    subject:
      items.length === 1 ? notification.title : `${items.length} notifications from ${organization.name}`,
    organization: organization.name,
    greeting: `Hello ${recipient.display_name},`,
    sections: items.length === 1 ? [{ label: null, groups: [groupOf(items, itemOf)] }] : digest(items),
    reason: reasonOf(items),
    unsubscribeUrl,
  };
}

/** The readable name of a type. */
export const labelOf = (type: string): string =>
  type.charAt(0) + type.slice(1).toLowerCase().replaceAll('_', ' ');

function digest(items: OutboundDelivery[]): Section[] {
  const newestFirst = items.toSorted(
    (one, other) => other.notification.created_at.getTime() - one.notification.created_at.getTime(),
  );
  const byType = Map.groupBy(newestFirst, ({ notification }) => notification.type);
  return [...byType].map(([type, ofType]) => ({
    label: `${labelOf(type)} (${ofType.length})`,
    groups: [
      ...Map.groupBy(ofType, ({ notification }) => notification.aggregation_id ?? notification.id).values(),
    ].map((together) => groupOf(together, excerptOf)),
  }));
}

const groupOf = (items: OutboundDelivery[], toItem: (item: OutboundDelivery) => Item): Group => ({
  items: items.slice(0, MAX_PER_GROUP).map(toItem),
  more: Math.max(0, items.length - MAX_PER_GROUP),
});

const itemOf = ({ notification: { title, body, action_url } }: OutboundDelivery): Item => ({
  title,
  body,
  url: action_url,
});

function excerptOf(outbound: OutboundDelivery): Item {
  const item = itemOf(outbound);
  return { ...item, body: truncate(item.body, MAX_EXCERPT_LENGTH) };
}

function reasonOf(items: OutboundDelivery[]): string {
  const { organization } = items[0]!;
  const labels = [...new Set(items.map(({ notification }) => labelOf(notification.type)))].join(', ');
  const isChosen = items.every(({ notification }) => notification.decisions.email.rule.startsWith('person.'));
  return isChosen
    ? `You get this because you chose to get e-mail from ${organization.name} about: ${labels}.`
    : `You get this because ${organization.name} notifies its members by e-mail about: ${labels}.`;
}
