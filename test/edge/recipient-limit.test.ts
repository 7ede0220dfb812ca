import { v7 as uuid } from 'uuid';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

const REQUESTS = 40;
const RECIPIENTS = 10 * REQUESTS;
const OTHERS = 12;
const MEMBERS = 20;
const api = useApi({ rateLimit: REQUESTS });

let organization: TestOrganization;
let others: TestMember[];

beforeAll(async () => {
  organization = await api.build.organization();
  others = [];
  for (let number = 0; number < OTHERS; number++) others.push(await api.build.member({ organization }));
});

const post = async (client: Client, path: string, body: object, times: number) => {
  const answers = [];
  for (let time = 0; time < times; time++) answers.push(await client.post(path, body));
  return answers;
};

const inParallel = (client: Client, path: string, body: object, times: number) =>
  Promise.all(Array.from({ length: times }, () => client.post(path, body)));

const countStatuses = (answers: { status: number }[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

const inGroup = async (client: Client): Promise<string> => {
  const participant_ids = others.map(({ id }) => id);
  const { status, body } = await client.post('messages/threads', { participant_ids, subject: 'Group' });
  expect(status).toBe(201);
  return `messages/threads/${body.id}/messages`;
};

describe('the limit of recipients', () => {
  it('refuses further sends on any route after too many recipients in a minute', async () => {
    const sender = await api.as(await api.build.member({ organization, role: 'admin' }));
    const path = await inGroup(sender);
    // The group itself has reached all of them once.
    const sends = Math.ceil(RECIPIENTS / OTHERS) - 1;
    const sent = await post(sender, path, { content: 'Hello, all.' }, sends);
    expect(sent.map(({ status }) => status)).toEqual(Array(sends).fill(201));

    const refused = [
      await sender.post(path, { content: 'And again.' }),
      await sender.post('messages/send', { recipient: others[0]!.id, content: 'And you.' }),
      await sender.post('messages/threads', { participant_ids: [others[0]!.id], subject: 'New' }),
      await sender.post('notifications', {
        to: { everyone: true },
        type: 'SYSTEM',
        title: 'And',
        body: 'everybody.',
      }),
    ];
    for (const { status, headers, body } of refused) {
      expect({ status, code: body.code }).toEqual({ status: 429, code: 'rate_limited' });
      expect(body.detail).toContain(`${RECIPIENTS} recipients`);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    expect((await sender.get('messages/inbox')).status).toBe(200);
    const neighbour = await api.as(others[1]!);
    expect((await neighbour.post('messages/send', { recipient: others[0]!.id, content: 'Hi' })).status).toBe(
      201,
    );
  });

  it('counts a message to one person as one, and a replayed response not at all', async () => {
    const sender = await api.as(await api.build.member({ organization }));
    const path = await inGroup(sender);
    const again = { content: 'Once.', client_token: 'once' };
    const replayed = sender.with({ 'Idempotency-Key': 'once' });
    const half = REQUESTS / 2;
    await post(sender, path, again, half);
    await post(replayed, path, { content: 'Once more.' }, half);
    const direct = { recipient: others[0]!.id, content: 'Just you.' };
    const sent = await post(sender, 'messages/send', direct, REQUESTS);
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([201]));
  });

  it('admits as many sends in parallel as one by one, and does not count those that fail', async () => {
    const sender = await api.as(await api.build.member({ organization }));
    const path = await inGroup(sender);
    const participant_ids = Array.from({ length: RECIPIENTS }, () => uuid());
    const failed = await post(sender, 'messages/threads', { participant_ids, subject: 'Nobody' }, 2);
    expect(failed.map(({ status }) => status)).toEqual([404, 404]);
    const sent = await inParallel(sender, path, { content: 'Hello, all.' }, REQUESTS);
    const allowed = Math.ceil(RECIPIENTS / OTHERS) - 1;
    expect(countStatuses(sent)).toEqual({ 201: allowed, 429: REQUESTS - allowed });
  });

  it('refuses none of the parallel sends that together stay within it', async () => {
    const sender = await api.as(await api.build.member({ organization }));
    const { body } = await sender.post('messages/threads', { recipient_id: others[0]!.id });
    const path = `messages/threads/${body.id}/messages`;
    const sent = await inParallel(sender, path, { content: 'Just you.' }, REQUESTS);
    expect(countStatuses(sent)).toEqual({ 201: REQUESTS });
  });

  it.each([
    ['everyone', { everyone: true as const }],
    ['a role', { role: 'therapist' }],
    ['people', { users: [] as string[] }],
  ])('counts a notification for %s as one for each member', async (_to, to) => {
    const clinic = await api.build.organization();
    const users: string[] = [];
    for (let number = 0; number < MEMBERS; number++)
      users.push((await api.build.member({ organization: clinic, role: 'therapist' })).id);
    if ('users' in to) to.users = users;
    const service = await api.build.service(clinic, ['notifications:send']);
    const notification = { to, type: 'SYSTEM', title: 'Title', body: 'Body' };
    const allowed = RECIPIENTS / MEMBERS;
    const sent = await post(service, 'notifications', notification, allowed + 1);
    expect(sent.map(({ status }) => status)).toEqual([...Array(allowed).fill(202), 429]);

    const other = await api.build.service(clinic, ['notifications:send']);
    const together = await inParallel(other, 'notifications', notification, allowed + 5);
    expect(countStatuses(together)).toEqual({ 202: allowed, 429: 5 });
  });
});
