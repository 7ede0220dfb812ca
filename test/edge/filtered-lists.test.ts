import { beforeAll, expect, it } from 'vitest';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import { blocks, explainAll, recordLast } from '../support/plans.js';

const api = useApi({ worker: 'off' });

/** What nearly all rows have, and a few old ones do not. */
const COMMON = 20_000;
/** A scan of all rows reads several hundred. */
const MAX_BLOCKS = 150;

let organization: TestOrganization;
let admin: Client;
let person: TestMember;

beforeAll(async () => {
  ({ organization, admin } = await api.build.organizationWithAdmin());
  person = await api.build.member({ organization, username: 'person' });
  await (await api.as(person)).patch('me/visibility', { profile_visibility: 'hidden' });
  const rows = (count: number, age: string, values: string) => `
    INSERT INTO deliveries (organization_id, id, notification_id, user_id, target_id, due_at, channel, status)
    SELECT '${organization.id}', uuidv7(-interval '${age}' + number * interval '1 second'), gen_random_uuid(),
           gen_random_uuid(), gen_random_uuid(), now(), ${values}
    FROM generate_series(1, ${count}) AS number`;
  const members = `
    SELECT number, ('0199a100-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid AS id,
           'p' || lpad(number::text, 6, '0') AS name, CASE WHEN number <= ${COMMON} THEN 'hidden' ELSE 'organization' END AS visibility
    FROM generate_series(1, ${COMMON} + 3) AS number`;
  const statements = [
    'SET session_replication_role = replica',
    rows(COMMON, '20 hours', `'email', 'sent'`),
    `INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at, failed_at)
     SELECT '${organization.id}', gen_random_uuid(), 'message.sent', '{}', 12, now(), now() - number * interval '1 second'
     FROM generate_series(1, ${COMMON}) AS number`,
    `INSERT INTO users (id) SELECT id FROM (${members}) AS member`,
    `INSERT INTO members (organization_id, user_id, username, username_key, display_name, role, profile_visibility)
     SELECT '${organization.id}', id, name, name, 'Person ' || number, 'user', visibility FROM (${members}) AS member`,
    'VACUUM ANALYZE deliveries, dead_letters, members, users',
    // Statistics know nothing of these.
    rows(2, '9 days', `'webhook', 'failed'`),
    rows(2, '8 days', `'webhook', 'sent'`),
    rows(2, '7 days', `'email', 'failed'`),
    'RESET session_replication_role',
  ];
  for (const sql of statements) await api.database.query(sql);
  await explainAll(api);
});

it.each([
  ['', Array(5).fill('email sent')],
  ['&channel=webhook', ['webhook sent', 'webhook sent', 'webhook failed', 'webhook failed']],
  ['&channel=email', Array(5).fill('email sent')],
  ['&channel=web_push', []],
  ['&status=failed', ['email failed', 'email failed', 'webhook failed', 'webhook failed']],
  ['&status=sent', Array(5).fill('email sent')],
  ['&status=cancelled', []],
  ['&channel=webhook&status=failed', ['webhook failed', 'webhook failed']],
  ['&channel=webhook&status=sent', ['webhook sent', 'webhook sent']],
  ['&channel=email&status=failed', ['email failed', 'email failed']],
])('lists deliveries from few blocks, however few match: %s', async (filter, expected) => {
  let listed: { channel: string; status: string }[] = [];
  const recording = await recordLast(async () => {
    const answer = await admin.get(`admin/deliveries?limit=5${filter}`);
    listed = answer.body.data;
    return answer;
  });
  expect(listed.map(({ channel, status }) => `${channel} ${status}`)).toEqual(expected);
  expect(blocks(recording)).toBeLessThan(MAX_BLOCKS);
});

it('retries dead letters of a rare type without reading those of others', async () => {
  await api.database.query(
    `INSERT INTO dead_letters (organization_id, id, type, payload, attempts, created_at)
     SELECT $1, gen_random_uuid(), 'member.removed', '{}', 12, now() FROM generate_series(1, 7)`,
    [organization.id],
  );
  const answers: object[] = [];
  const recording = await recordLast(async () => {
    const answer = await admin.post('admin/dead-letters/retry', { type: 'member.removed' });
    answers.push(answer.body);
    return answer;
  });
  expect(answers.slice(0, 2)).toEqual([
    { retried: 7, remaining: 0 },
    { retried: 0, remaining: 0 },
  ]);
  expect(blocks(recording)).toBeLessThan(MAX_BLOCKS);
});

it.each(['', '&role=user'])(
  'lists members without reading hidden profiles before them: %s',
  async (filter) => {
    const client = await api.as(person);
    let names: string[] = [];
    const recording = await recordLast(async () => {
      const answer = await client.get(`members?limit=5${filter}`);
      names = answer.body.data.map(({ username }: { username: string }) => username);
      return answer;
    });
    // The person is hidden too, but not from themselves.
    expect(names.slice(0, 4)).toEqual(['p020001', 'p020002', 'p020003', 'person']);
    expect(blocks(recording)).toBeLessThan(MAX_BLOCKS);
  },
);

it('stops counting at the documented limits', async () => {
  const { body } = await admin.get('admin/stats');
  expect(body).toMatchObject({
    dead_letters: 10_000,
    last_24_hours: { deliveries: { sent: 10_000, failed: 0 } },
  });
  expect(body.members).toBeGreaterThan(COMMON);
});
