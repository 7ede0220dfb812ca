import type { INestApplicationContext } from '@nestjs/common';
import type { PersonCaller } from '#identity';
import { MessagesService, SendService, ThreadsService } from '#messaging';
import { DEMO_MESSAGES, DEMO_PATIENT, DEMO_THREADS } from './conversations.js';
import { DEMO_ORGANIZATION, DEMO_PEOPLE } from './people.js';

type DemoPerson = (typeof DEMO_PEOPLE)[keyof typeof DEMO_PEOPLE];

const as = ({ id }: DemoPerson): PersonCaller => ({
  kind: 'person',
  organizationId: DEMO_ORGANIZATION.id,
  userId: id,
  permissions: new Set(),
  requestId: 'demo',
});

/** Realistic conversations, with one message for each route that needs one in its example. */
export async function seedConversations(app: INestApplicationContext): Promise<void> {
  const { ada, theo, clara, uma } = DEMO_PEOPLE;
  const { toEdit, toRead, toHide, edited, toResponse, toModerate } = DEMO_MESSAGES;
  const threads = app.get(ThreadsService);
  const sending = app.get(SendService);
  const say = (person: DemoPerson, thread: { id: string }, message: { id?: string; content: string }) =>
    sending.toThread(as(person), thread.id, message);

  const { direct, group } = DEMO_THREADS;
  await threads.startDirect(as(ada), theo.id, direct.id);
  await say(ada, direct, toEdit);
  await say(theo, direct, toRead);
  await say(theo, direct, toHide);

  const about = { id: group.id, subject: group.subject, context: DEMO_PATIENT };
  await threads.startGroup(as(ada), { ...about, persons: [theo.id, clara.id] });
  await say(clara, group, { id: edited.id, content: 'Uma asks for an earlier apointment.' });
  await app.get(MessagesService).edit(as(clara), edited.id, edited.content);
  await say(theo, group, toResponse);
  await say(clara, group, toModerate);

  await sending.toPerson(as(clara), uma.id, {
    subject: 'Your appointment',
    content: 'Would Thursday at nine suit you?',
  });
  await sending.toPerson(as(uma), clara.id, { content: 'Yes, thank you!' });
}
