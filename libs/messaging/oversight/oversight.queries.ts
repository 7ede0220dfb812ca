import { type PageBefore, Parameters, type Transaction } from '#database';
import { personCondition } from '#identity';
import { notFound } from '#problem';

/** For transactions with the organization-wide scope: these queries do not check who is in a thread. */

export interface OverseenThread {
  id: string;
  kind: 'direct' | 'group';
  subject: string | null;
  context_type: string | null;
  context_id: string | null;
  context_label: string | null;
  participants:
    | { user_id: string; username: string; display_name: string; is_owner: boolean; left_at: string | null }[]
    | null;
  message_count: number;
  last_message_at: Date | null;
  created_at: Date;
}

export interface OverseenMessage {
  id: string;
  thread_id: string;
  seq: number;
  sender_id: string | null;
  sender: string | null;
  /** The key of the service that sent it on behalf of the sender. */
  api_key_id: string | null;
  subject: string | null;
  content: string;
  reply_to_id: string | null;
  created_at: Date;
  rev: number;
  edited_at: Date | null;
  deleted_at: Date | null;
}

export interface OversightList extends PageBefore {
  threadId?: string;
  userId?: string;
  contextType?: string;
  contextId?: string;
}

/** The list shows only the first people of a large group. */
const PEOPLE_IN_LIST = 20;

/** Newest threads first, by creation. The statement contains only the given filters. */
export function listAnyThreads(
  tx: Transaction,
  { threadId, userId, contextType, contextId, before, limit }: OversightList,
): Promise<OverseenThread[]> {
  const parameters = new Parameters(tx.organizationId, limit);
  const conditions = [
    'threads.organization_id = $1',
    ...parameters.optional('threads.id =', threadId),
    ...(userId === undefined
      ? []
      : [
          `EXISTS (SELECT FROM participants WHERE participants.organization_id = $1
             AND participants.thread_id = threads.id AND participants.user_id = ${parameters.add(userId)})`,
        ]),
    ...parameters.optional('context_type =', contextType),
    ...parameters.optional('context_id =', contextId),
    ...parameters.optional('threads.id <', before),
  ];
  return tx.query<OverseenThread>(
    `SELECT threads.id, kind, subject, context_type, context_id, context_label, last_seq AS message_count,
            last_message_at, created_at, people.participants
     FROM threads
     CROSS JOIN LATERAL (
       SELECT json_agg(json_build_object('user_id', one.user_id, 'username', members.username,
                'display_name', members.display_name, 'is_owner', one.owner_since IS NOT NULL,
                'left_at', one.left_at) ORDER BY one.user_id) AS participants
       FROM (SELECT user_id, owner_since, left_at FROM participants
             WHERE participants.organization_id = $1 AND participants.thread_id = threads.id
             ORDER BY user_id LIMIT ${PEOPLE_IN_LIST}) AS one
       JOIN members ON members.organization_id = $1 AND members.user_id = one.user_id
     ) AS people
     WHERE ${conditions.join(' AND ')}
     ORDER BY threads.id DESC LIMIT $2`,
    parameters.values,
  );
}

/** Newest first, including deleted messages. */
export const findAnyMessages = (
  tx: Transaction,
  threadId: string,
  { before, limit }: { before?: number; limit: number },
): Promise<OverseenMessage[]> =>
  tx.query<OverseenMessage>(
    `SELECT messages.id, thread_id, seq, sender_id, members.username AS sender, api_key_id, subject, content, reply_to_id,
            rev, messages.created_at, edited_at, deleted_at
     FROM messages
     LEFT JOIN members ON members.organization_id = $1 AND members.user_id = messages.sender_id
     WHERE messages.organization_id = $1 AND thread_id = $2 AND ($3::bigint IS NULL OR seq < $3)
     ORDER BY seq DESC LIMIT $4`,
    [tx.organizationId, threadId, before, limit],
  );

/** Finds a person by id or username; a removed member only by id. */
export async function findPersonOrFail(tx: Transaction, person: string): Promise<string> {
  const [condition, value] = personCondition(person, '$2');
  const [found] = await tx.query<{ user_id: string }>(
    `SELECT user_id FROM members WHERE organization_id = $1 AND ${condition}`,
    [tx.organizationId, value],
  );
  if (!found) throw notFound();
  return found.user_id;
}

export async function threadExists(tx: Transaction, threadId: string): Promise<boolean> {
  const found = await tx.query('SELECT FROM threads WHERE organization_id = $1 AND id = $2', [
    tx.organizationId,
    threadId,
  ]);
  return found.length > 0;
}
