import type { TestApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import type { Asker } from '../support/database.js';
import { type Person, person, post, send, startGroup } from '../support/people.js';

export interface World {
  organization: TestOrganization;
  /** In a conversation with ben, and for a while in a group with ben and cas. */
  ann: Person;
  ben: Person;
  /** In a conversation with ben that ann is not in. */
  cas: Person;
  /** In nothing. */
  dan: Person;
  withBen: string;
  withoutAnn: string;
  group: string;
}

export async function buildWorld(api: TestApi): Promise<World> {
  const organization = await api.build.organization();
  const someone = () => person(api, organization);
  const [ann, ben, cas, dan] = [await someone(), await someone(), await someone(), await someone()];
  const edit = (who: Person, id: string, content: string) => who.client.patch(`messages/${id}`, { content });

  const { thread_id: withBen, message_id: first } = await send(ann, ben, 'To ben, once');
  await edit(ann, first, 'To ben');
  await send(ben, ann, 'To ann');
  const { thread_id: withoutAnn, message_id: other } = await send(ben, cas, 'To cas, once');
  await edit(ben, other, 'To cas');

  const group = await startGroup(ben, [cas]);
  const participants = `messages/threads/${group}/participants`;
  await edit(ben, await post(ben, group, 'Before, once'), 'Before');
  await ben.client.post(participants, { user_id: ann.id });
  await edit(ben, await post(ben, group, 'Meanwhile, once'), 'Meanwhile');
  for (const who of [ann, cas]) await who.client.post(`messages/threads/${group}/read`);
  const rename = (subject: string) => ben.client.patch(`messages/threads/${group}`, { subject });
  await rename('Meanwhile');
  await ann.client.delete(`${participants}/${ann.id}`);
  await rename('After');
  await rename('Group');
  await edit(ben, await post(ben, group, 'After, once'), 'After');

  await cas.client.post(`messages/threads/${withoutAnn}/read`);
  await ann.client.delete(`messages/${first}`);
  await cas.client.delete(`messages/${other}`);
  await ann.client.post(`messages/users/${cas.id}/block`);
  for (const { id } of [ann, dan]) await ben.client.post(`messages/users/${id}/block`);
  return { organization, ann, ben, cas, dan, withBen, withoutAnn, group };
}

export const as = (who: Person): Asker => ({ organizationId: who.organization.id, userId: who.id });

/** The tables of threads, with what tells the rows of each apart. */
export const ROWS = {
  threads: `coalesce(subject, 'direct')`,
  thread_subjects: 'subject',
  participants: 'user_id::text',
  messages: 'content',
  message_versions: 'content',
  hidden_messages: 'seq::text',
  read_marks: 'seq::text',
  blocks: 'blocked_id::text',
};
export type Table = keyof typeof ROWS;
export const TABLES = Object.keys(ROWS) as Table[];

/** Runs a statement as the role of requests. */
export const runAs = (api: TestApi, asker: Asker, sql: string, values?: unknown[]): Promise<object[]> =>
  api.database.asRequestRole(asker, (query) => query(sql, values));

export const wide = ({ organization }: Pick<World, 'organization'>): Asker => ({
  organizationId: organization.id,
  scope: 'organization',
});
