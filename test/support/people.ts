import type { Client, TestApi } from './api.js';
import type { TestMember, TestOrganization } from './builders.js';

export interface Person extends TestMember {
  client: Client;
}

/** Somebody of this organization, who sends requests. */
export async function person(
  api: TestApi,
  organization: TestOrganization,
  given: Partial<TestMember> = {},
): Promise<Person> {
  const member = await api.build.member({ organization, ...given });
  return { ...member, client: await api.as(member) };
}

/** Sends to a person; the ids of the message and its thread. */
export async function send(
  from: Person,
  to: Person,
  content: string,
): Promise<{ message_id: string; thread_id: string }> {
  const { status, body } = await from.client.post('messages/send', { recipient: to.id, content });
  if (status !== 201) throw new Error(`${status}: ${body.code}`);
  return body as { message_id: string; thread_id: string };
}

export async function startGroup(owner: Person, others: Person[]): Promise<string> {
  const participant_ids = others.map(({ id }) => id);
  const { body } = await owner.client.post('messages/threads', { participant_ids, subject: 'Group' });
  return body.id as string;
}

export async function post(from: Person, threadId: string, content: string): Promise<string> {
  const { status, body } = await from.client.post(`messages/threads/${threadId}/messages`, { content });
  if (status !== 201) throw new Error(`${status}: ${body.code}`);
  return body.id as string;
}

/** All that a person is shown of their messages: what each list says, and what each thread holds. */
export async function sight({ client }: Person, threadIds: string[], partners: Person[] = []) {
  const [inbox, list, unread, ...rest] = await Promise.all([
    client.get('messages/inbox'),
    client.get('messages/threads'),
    client.get('messages/unread-count'),
    ...threadIds.map((id) => client.get(`messages/threads/${id}`)),
    ...partners.map(({ id }) => client.get(`messages/conversation/${id}`)),
  ]);
  const threads = rest.slice(0, threadIds.length);
  const contentsOf = ({ body }: (typeof rest)[number]) =>
    (body.messages as { content: string }[]).map(({ content }) => content);
  return {
    inbox: (inbox.body.conversations as Record<string, unknown>[]).map(
      ({ with_user_id, last_message, unread_count, is_latest_from_them }) => ({
        with: with_user_id,
        last: last_message,
        unread: unread_count,
        theirs: is_latest_from_them,
      }),
    ),
    inboxUnread: inbox.body.total_unread as number,
    inboxTotal: inbox.body.total_conversations as number,
    threads: (list.body.data as Record<string, any>[]).map(({ id, last_message, unread_count }) => ({
      id,
      last: last_message?.preview,
      unread: unread_count,
    })),
    unread: unread.body as { unread_count: number; unread_threads: number },
    histories: threads.map(contentsOf),
    unreadOf: threads.map(({ body }) => body.unread_count as number),
    conversations: rest.slice(threadIds.length).map(contentsOf),
  };
}

/** Groups of an owner and somebody else. Made by SQL, since there are thousands. */
export async function makeGroups(
  { database }: TestApi,
  owner: Person,
  other: Person,
  count: number,
): Promise<void> {
  await database.query(
    `WITH made AS (
       INSERT INTO threads (organization_id, id, kind, subject, participant_count)
       SELECT $1, gen_random_uuid(), 'group', 'Group', 2 FROM generate_series(1, $4) RETURNING id
     )
     INSERT INTO participants (organization_id, thread_id, user_id, owner_since)
     SELECT $1, made.id, person.id, CASE person.id WHEN $2 THEN now() END
     FROM made CROSS JOIN unnest(ARRAY[$2, $3]::uuid[]) AS person (id)`,
    [owner.organization.id, owner.id, other.id, count],
  );
}

/** How many of their groups a person came to own in each transaction. */
export async function ownedByTransaction({ database }: TestApi, { id }: Person): Promise<number[]> {
  const rows = await database.query<{ groups: number }>(
    `SELECT count(*)::integer AS groups FROM participants WHERE user_id = $1 AND owner_since IS NOT NULL
     GROUP BY xmin::text ORDER BY 1`,
    [id],
  );
  return rows.map(({ groups }) => groups);
}
