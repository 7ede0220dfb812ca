import { ownPart } from './rls.js';

/** How a condition recognizes the organization as a whole: rls.ts, or nil-user.ts before. */
export interface Conditions {
  IS_WIDE: string;
  IS_WIDE_ONCE: string;
  isOwn: (column: string) => string;
  isAbout: (columns: string[], orElse: string) => string;
  orWholeOrganization: (condition: string) => string;
}

/** By table and name what a policy asks of a row: USING, WITH CHECK or both. */
type Policies = Record<string, Record<string, string>>;

/** The policies that make an exception for the organization as a whole, as of SeparateOrganizationScope1763640037000. */
export const scopedPolicies = (conditions: Conditions): Policies => ({
  ...ofMessaging(conditions),
  ...ofMessages(conditions),
  ...ofOthers(conditions),
});

const using = (condition: string): string => `USING (${condition})`;
const check = (condition: string): string => `WITH CHECK (${condition})`;
const both = (condition: string): string => `${using(condition)} ${check(condition)}`;

const erasedBy = ({ IS_WIDE }: Conditions): string =>
  using(`organization_id = app_organization() AND ${IS_WIDE}`);

const inThread = (table: string): string =>
  `participants.organization_id = ${table}.organization_id AND participants.thread_id = ${table}.thread_id`;

/** Threads, who is in them, and what people do about them. */
function ofMessaging(conditions: Conditions): Policies {
  const { isAbout, isOwn, orWholeOrganization } = conditions;
  const erasure = erasedBy(conditions);
  const ofParticipant = using(isAbout(['user_id', 'partner_id'], 'thread_id IN (SELECT app_groups())'));
  const ofThread = using(isAbout(['pair_low', 'pair_high'], 'id IN (SELECT app_groups())'));
  const ofReadMark = ownPart(`${inThread('read_marks')} AND participants.hidden_at IS NULL`);
  const ofSubject = ownPart(
    `${inThread('thread_subjects')} AND participants.hidden_at IS NULL
     AND (participants.left_at IS NULL OR thread_subjects.version <= participants.left_version)`,
  );
  return {
    blocks: { own: both(isOwn('blocker_id')) },
    hidden_messages: { own: both(isOwn('user_id')), erasure },
    participants: {
      admission: check(orWholeOrganization('app_admits(thread_id, user_id, partner_id)')),
      participation: ofParticipant,
      participation_changed: ofParticipant,
      erasure,
    },
    read_marks: {
      own: check(isOwn('user_id')),
      participation: using(orWholeOrganization(ofReadMark)),
      retention: using(orWholeOrganization('false')),
      erasure,
    },
    thread_subjects: { participation: using(orWholeOrganization(ofSubject)) },
    threads: { participation: ofThread, participation_changed: ofThread, erasure },
  };
}

function ofMessages(conditions: Conditions): Policies {
  const { isOwn, orWholeOrganization } = conditions;
  const maySee = using(
    orWholeOrganization(
      ownPart(`${inThread('messages')} AND participants.hidden_at IS NULL AND messages.seq > participants.joined_seq
               AND (participants.left_at IS NULL OR messages.seq <= participants.newest_seq)`),
    ),
  );
  const senderIsIn = `EXISTS (
    SELECT FROM participants WHERE ${inThread('messages')} AND participants.left_at IS NULL
      AND participants.user_id = messages.sender_id OFFSET 0)`;
  const ownMessage = `EXISTS (
    SELECT FROM messages
    WHERE messages.organization_id = message_versions.organization_id
      AND messages.id = message_versions.message_id AND ${isOwn('messages.sender_id')}
    OFFSET 0)`;
  return {
    message_versions: { own_change: check(ownMessage), retention: using(orWholeOrganization('false')) },
    messages: {
      own_change: using(isOwn('sender_id')),
      own_sending: check(`${isOwn('sender_id')} AND ${senderIsIn}`),
      participation: maySee,
      participation_changed: maySee,
      erasure: erasedBy(conditions),
    },
  };
}

function ofOthers(conditions: Conditions): Policies {
  const { IS_WIDE_ONCE, isOwn, orWholeOrganization } = conditions;
  const erasure = erasedBy(conditions);
  const own = both(isOwn('user_id'));
  const whole = orWholeOrganization('false');
  return {
    api_keys: { retention: using(whole), erasure },
    deliveries: { own },
    feeds: { own },
    idempotency_keys: { erasure },
    member_preferences: { own: using(isOwn('user_id')) },
    members: { erasure },
    notification_requests: { retention: using(whole) },
    notifications: { own },
    organization_keys: { whole_organization: both(whole) },
    push_subscriptions: { own },
    unread_counts: { own },
    user_preferences: {
      of_members: using(`${IS_WIDE_ONCE} AND EXISTS (
        SELECT FROM members WHERE members.organization_id = (SELECT app_organization())
          AND members.user_id = user_preferences.user_id AND members.removed_at IS NULL)`),
    },
    webhook_endpoints: { whole_organization: both(whole) },
  };
}
