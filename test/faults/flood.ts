import { setTimeout as delay } from 'node:timers/promises';
import { v7 as uuid } from 'uuid';
import { expect } from 'vitest';
import { HttpConnection, bytesOf } from '../bench/http-connection.ts';
import type { TestDatabase } from '../support/database.js';
import type { Server } from '../support/process.js';
import { type Town, serviceOf } from './town.js';

const IN_GROUP = 1000;
const POSTERS = 3;
const SENDERS = 8;
const SEARCHERS = 8;
const SEARCH = 'members?query=person&limit=100';

/** Adds members by SQL, as many as the largest group may have, and has them reached by e-mail and digests. */
export async function crowdInto(server: Server, town: Town, database: TestDatabase): Promise<string> {
  const members = await database.query<{ user_id: string }>(
    `WITH person AS (
       INSERT INTO users (id) SELECT gen_random_uuid() FROM generate_series(1, $2::integer) RETURNING id)
     INSERT INTO members (organization_id, user_id, username, username_key, display_name, role, email)
     SELECT $1, id, id::text, id::text, 'Person ' || id, 'clinician', id || '@flood.example' FROM person
     RETURNING user_id`,
    [town.organizationId, IN_GROUP - POSTERS],
  );
  // As PUT /members/{id} does for the word that the flood searches for.
  await database.query(
    `INSERT INTO member_words (organization_id, prefix, username_key, user_id, words, role, profile_visibility)
     SELECT organization_id, prefix, username_key, user_id, words, role, profile_visibility
     FROM members CROSS JOIN (VALUES ('p', ''), ('pe', ''), ('per', ' person')) AS row (prefix, words)
     WHERE organization_id = $1 AND user_id = ANY ($2)`,
    [town.organizationId, members.map(({ user_id }) => user_id)],
  );
  const [owner, ...posters] = town.people.slice(0, POSTERS);
  const group = await expectStatus(
    server.send('POST', '/api/v1/messages/threads', owner!.headers, {
      participant_ids: [...posters.map(({ id }) => id), ...members.map(({ user_id }) => user_id)],
      subject: 'Everybody',
    }),
    201,
  );
  // The group itself must not be mailed to everybody before anything is measured.
  await expect.poll(() => database.query('SELECT FROM outbox'), { timeout: 60_000 }).toEqual([]);
  const admin = await serviceOf(server, town, ['notifications:send', 'preferences:manage']);
  const types = { MESSAGE: { email: 'on' }, SYSTEM: { email: 'hourly' } };
  await expectStatus(server.send('PATCH', '/api/v1/admin/preferences', admin, { types }), 200);
  const search = server.send('GET', `/api/v1/${SEARCH}`, owner!.headers);
  expect((await search).body.data).toHaveLength(100);
  return group.body.id as string;
}

/**
 * All that one organization may do, at once and again and again: messages into a large group, messages between its
 * people, searches of the directory, and notifications for everybody. Clients wait when they are told to.
 */
export class Flood {
  readonly statuses = new Map<number, number>();
  private isStopping = false;
  private readonly clients: Promise<void>[] = [];

  constructor(
    private readonly port: number,
    { people }: Town,
    groupId: string,
    service: Record<string, string>,
  ) {
    for (const { headers } of people.slice(0, POSTERS)) {
      this.repeat('POST', `messages/threads/${groupId}/messages`, headers, () => ({
        content: 'Hello, all.',
      }));
    }
    for (const [at, { headers }] of people.slice(0, SENDERS).entries()) {
      const others = people.filter((_person, place) => place !== at);
      const someone = () => others[Math.floor(Math.random() * others.length)]!.id;
      this.repeat('POST', 'messages/send', headers, () => ({ recipient: someone(), content: 'Hello.' }));
    }
    for (const { headers } of people.slice(0, SEARCHERS)) {
      for (let client = 0; client < 6; client++) this.repeat('GET', SEARCH, headers);
    }
    this.repeat('POST', 'notifications', service, () => ({
      to: { everyone: true },
      type: 'SYSTEM',
      title: 'Flood',
      body: uuid(),
    }));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.clients);
  }

  private repeat(method: string, path: string, headers: Record<string, string>, body?: () => object): void {
    this.clients.push(this.goOn(method, `/api/v1/${path}`, headers, body));
  }

  private async goOn(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: () => object,
  ): Promise<void> {
    const connection = new HttpConnection(this.port);
    while (!this.isStopping) {
      const answer = await connection.send(bytesOf({ method, path, headers, body: body?.() }));
      this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
      const after = Number(/\r\nretry-after: (\d+)/i.exec(answer.head)?.[1] ?? 0);
      for (const end = performance.now() + after * 1000; !this.isStopping && performance.now() < end;)
        await delay(50);
    }
    connection.close();
  }
}

async function expectStatus<T extends { status: number; text: string }>(
  sent: Promise<T>,
  status: number,
): Promise<T> {
  const answer = await sent;
  if (answer.status !== status) throw new Error(`${answer.status}: ${answer.text}`);
  return answer;
}
