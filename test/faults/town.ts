import { SignJWT } from 'jose';
import { v7 as uuid } from 'uuid';
import type { Environment, Server } from '../support/process.js';

const SECRET = 'a secret of at least thirty-two characters';
const PLATFORM_KEY = 'a platform key of at least 32 characters';

/** Of the processes of these tests. What there is of a limit for each caller would hide what is tested. */
export const SETTINGS: Environment = {
  AUTH_MODE: 'jwt',
  AUTH_JWT_SECRET: SECRET,
  PLATFORM_API_KEY: PLATFORM_KEY,
  RATE_LIMIT: 'off',
};

export interface Townsman {
  id: string;
  headers: Record<string, string>;
}

/** An organization of people who may all write to each other, and a group of some of them. */
export interface Town {
  organizationId: string;
  people: Townsman[];
  groupId: string;
  group: Townsman[];
}

const PEOPLE = 24;
const IN_GROUP = 8;
/** So many are notified by the event of a message, while fewer are notified by whoever sends it. */
export const IN_LARGE_GROUP = 52;

export async function buildTown(server: Server, inGroup = IN_GROUP): Promise<Town> {
  const organizationId = uuid();
  const platform = { 'X-Api-Key': PLATFORM_KEY };
  const path = `/api/v1/organizations/${organizationId}`;
  await expectDone(server.send('PUT', path, platform, { name: 'Riverside' }));
  const inside = { ...platform, 'X-Organization-Id': organizationId };
  const people: Townsman[] = [];
  // One after the other, so that no test begins with a connection for each of them.
  for (let number = 0; number < Math.max(PEOPLE, inGroup); number++) {
    const id = uuid();
    const person = { username: `person${number}`, display_name: `Person ${number}`, role: 'clinician' };
    await expectDone(server.send('PUT', `/api/v1/members/${id}`, inside, person));
    people.push({ id, headers: { Authorization: `Bearer ${await tokenOf(id, organizationId)}` } });
  }
  const group = people.slice(0, inGroup);
  const started = await server.send('POST', '/api/v1/messages/threads', people[0]!.headers, {
    participant_ids: group.slice(1).map(({ id }) => id),
    subject: 'Group',
  });
  return { organizationId, people, groupId: started.body.id as string, group };
}

/** The headers of a service of this town. */
export async function serviceOf(
  server: Server,
  { organizationId }: Town,
  scopes: string[],
): Promise<Record<string, string>> {
  const platform = { 'X-Api-Key': PLATFORM_KEY, 'X-Organization-Id': organizationId };
  const key = { name: `service of ${scopes.join()}`, scopes };
  const { body } = await server.send('POST', '/api/v1/admin/api-keys', platform, key);
  return { 'X-Api-Key': body.secret as string };
}

/**
 * Gives the first person an e-mail address, to which only SYSTEM notifications are sent. Returns the headers of a service
 * that may send them.
 */
export async function mailFirstPerson(
  server: Server,
  town: Town,
  email: string,
): Promise<Record<string, string>> {
  const service = await serviceOf(server, town, [
    'notifications:send',
    'members:manage',
    'preferences:manage',
  ]);
  const person = { username: 'person0', display_name: 'Person 0', role: 'clinician', email };
  await expectDone(server.send('PUT', `/api/v1/members/${town.people[0]!.id}`, service, person), 200);
  const types = { SYSTEM: { email: 'on' }, MESSAGE: { email: 'off' }, BILLING: { email: 'off' } };
  await expectDone(server.send('PATCH', '/api/v1/admin/preferences', service, { types }), 200);
  return service;
}

const tokenOf = (userId: string, organizationId: string): Promise<string> =>
  new SignJWT({ sub: userId, org: organizationId })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1 hour')
    .sign(new TextEncoder().encode(SECRET));

async function expectDone(sent: Promise<{ status: number; text: string }>, expected = 201): Promise<void> {
  const { status, text } = await sent;
  if (status !== expected) throw new Error(`${status}: ${text}`);
}
