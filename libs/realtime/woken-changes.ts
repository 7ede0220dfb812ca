import {
  type LoggedChange,
  MAX_ROWS,
  MAX_THREADS,
  type OrganizationChanges,
  type PersonChanges,
} from '#change-log';

/** What a person is woken for. */
export type WokenChanges = Pick<PersonChanges, 'threadIds' | 'messages' | 'notifications' | 'preferences'> & {
  /** The last notification in the feed, if somebody has looked. */
  lastSeq: number;
  /** Threads that the person has joined. */
  joined: string[];
  /** The log has to be read as the person, since these changes do not say all that there is to say. */
  mustLook: boolean;
};

export const noChanges = (): WokenChanges => ({
  threadIds: [],
  messages: [],
  notifications: [],
  preferences: false,
  lastSeq: 0,
  joined: [],
  mustLook: false,
});

/** Whether there is anything to say to somebody who knows the feed up to this notification. */
export const hasChanges = (changes: WokenChanges, feedSeq: number): boolean =>
  changes.mustLook ||
  changes.preferences ||
  changes.lastSeq > feedSeq ||
  [changes.threadIds, changes.messages, changes.notifications].some(({ length }) => length > 0);

/** What the log says for each of the people whom it concerns. */
export function changesByPerson({
  threads,
  own,
  participants,
}: OrganizationChanges): Map<string, WokenChanges> {
  const people = new Map<string, WokenChanges>();
  const of = (userId: string): WokenChanges => {
    const changes = people.get(userId) ?? noChanges();
    people.set(userId, changes);
    return changes;
  };
  for (const { user_id, changes } of own) addOwn(of(user_id), changes);
  const byThread = new Map(threads.map(({ thread_id, changes }) => [thread_id, changes]));
  for (const { user_id, thread_id, joined_seq, has_left } of participants) {
    const changes = byThread.get(thread_id)?.filter(({ kind, seq }) => !isMessage(kind) || seq > joined_seq);
    if (changes?.length === 0) continue;
    const person = of(user_id);
    person.threadIds.push(thread_id);
    // People who have left see only some of it.
    if (!changes || has_left) person.mustLook = true;
    person.messages.push(...(changes ?? []).filter(({ kind }) => isMessage(kind)).map(placeOf));
    if (changes?.some(({ kind, about_id }) => kind === 'thread' && about_id === user_id))
      person.joined.push(thread_id);
  }
  return people;
}

/** Both, of which the second came later. */
export function withLater(one: WokenChanges, later: WokenChanges): WokenChanges {
  const messages = [...one.messages, ...later.messages];
  const notifications = [...new Set([...one.notifications, ...later.notifications])];
  const threadIds = [...new Set([...one.threadIds, ...later.threadIds])];
  const isTooMuch =
    messages.length > MAX_ROWS || notifications.length > MAX_ROWS || threadIds.length > MAX_THREADS;
  return {
    threadIds,
    // Looking finds them again.
    messages: isTooMuch ? [] : messages,
    notifications: isTooMuch ? [] : notifications,
    preferences: one.preferences || later.preferences,
    lastSeq: Math.max(one.lastSeq, later.lastSeq),
    joined: [...one.joined, ...later.joined],
    mustLook: one.mustLook || later.mustLook || isTooMuch,
  };
}

function addOwn(person: WokenChanges, changes: LoggedChange[] | null): void {
  if (!changes || changes.some(({ kind }) => kind === 'block' || kind === 'member')) person.mustLook = true;
  for (const change of changes ?? []) {
    if (change.thread_id) person.threadIds.push(change.thread_id);
    if (change.kind === 'message') person.messages.push(placeOf(change));
    if (change.kind === 'notification') person.notifications.push(change.seq);
    if (change.kind === 'preferences') person.preferences = true;
  }
}

const isMessage = (kind: string): boolean => kind === 'message' || kind === 'deletion';

const placeOf = ({ thread_id, seq }: LoggedChange) => ({ thread_id, seq });
