import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import { Database, PgListener } from '#database';
import { PLATFORM_ORGANIZATION } from '#identity';
import { useApi } from '../support/api.js';
import type { TestMember } from '../support/builders.js';
import { record } from '../support/plans.js';

const api = useApi();

describe('X-Organization-Id', () => {
  it('may only name the caller’s own organization, whether others exist or not', async () => {
    const member = await api.build.member();
    const stranger = await api.build.member();
    const service = await api.build.service(member.organization, ['act_as', 'members:manage']);
    const own = member.organization.id;
    const callers = [await api.as(member), service, service.with({ 'X-On-Behalf-Of': member.id })];
    for (const caller of callers) {
      const naming = (id: string) => caller.with({ 'X-Organization-Id': id }).get('members');
      for (const id of ['', own, own.toUpperCase()]) expect((await naming(id)).status).toBe(200);
      const [other, none, noId, platform] = await Promise.all(
        [stranger.organization.id, uuid(), 'clinic', PLATFORM_ORGANIZATION].map(naming),
      );
      expect(other).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(other!.body.detail).toContain('X-Organization-Id');
      const { request_id: _id, ...same } = other!.body;
      for (const answer of [none, noId, platform]) expect(answer!.body).toMatchObject(same);
    }
  });
});

describe('membership and role', () => {
  it('refuse a removed member at once', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    expect((await person.get('me')).status).toBe(200);
    await api.platform(member.organization).delete(`members/${member.id}`);
    expect((await person.get('me')).status).toBe(403);
  });

  const removeElsewhere = ({ id }: TestMember) =>
    api.database.query('UPDATE members SET removed_at = now() WHERE user_id = $1', [id]);

  it('refuse at once a member removed by another process, which PostgreSQL announces', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    expect((await person.get('me')).status).toBe(200);
    await removeElsewhere(member);
    await expect.poll(async () => (await person.get('me')).status, { timeout: 1500, interval: 10 }).toBe(403);
  });

  it('refuse a member removed by another process within five seconds when nothing is heard', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    const listener = api.app.get(PgListener);
    vi.spyOn(listener, 'caughtUpAt', 'get').mockReturnValue(-Infinity);
    try {
      expect((await person.get('members')).status).toBe(200);
      await api.database.query('ALTER TABLE members DISABLE TRIGGER announce_member');
      await removeElsewhere(member);
      expect((await person.get('members')).status).toBe(200);
      await expect.poll(async () => (await person.get('members')).status, { timeout: 5500 }).toBe(403);
    } finally {
      vi.restoreAllMocks();
      await api.database.query('ALTER TABLE members ENABLE TRIGGER announce_member');
    }
  });

  it('are not read again while nothing changes and changes would be heard', { timeout: 20_000 }, async () => {
    const person = await api.as(await api.build.member());
    const read = async () => {
      const { statements } = await record(() => person.get('me'));
      return statements.filter((sql) => /FROM members JOIN roles/.test(sql)).length;
    };
    expect(await read()).toBe(1);
    await delay(6000);
    expect(await read()).toBe(0);
  });

  it('are read again once the connection that listens was lost', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    expect((await person.get('me')).status).toBe(200);
    await api.database.query('ALTER TABLE members DISABLE TRIGGER announce_member');
    await removeElsewhere(member);
    await api.database.query('ALTER TABLE members ENABLE TRIGGER announce_member');
    await api.database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'tidings listener' AND datname = current_database()`,
    );
    await expect.poll(async () => (await person.get('me')).status, { timeout: 5000 }).toBe(403);
  });

  it('follow a changed role at once', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    expect((await person.get('admin/audit')).status).toBe(403);
    const { username, display_name } = member;
    await api
      .platform(member.organization)
      .put(`members/${member.id}`, { username, display_name, role: 'admin' });
    expect((await person.get('admin/audit')).status).toBe(200);
  });

  it('follow changed permissions of a role at once', async () => {
    const organization = await api.build.organization();
    const person = await api.as(await api.build.member({ organization, role: 'therapist' }));
    expect((await person.get('admin/audit')).status).toBe(403);
    await api.platform(organization).put('admin/roles/therapist', { permissions: ['audit:read'] });
    expect((await person.get('admin/audit')).status).toBe(200);
  });

  it('follow a role that changes while it is read', async () => {
    const member = await api.build.member();
    const person = await api.as(member);
    const database = api.app.get(Database);
    const { promise: isChanged, resolve: change } = Promise.withResolvers<void>();
    const { promise: isRead, resolve: read } = Promise.withResolvers<void>();
    const original = database.tenantRead.bind(database);
    vi.spyOn(database, 'tenantRead').mockImplementationOnce(async (tenant, work) => {
      const result = await original(tenant, work);
      read();
      await isChanged;
      return result;
    });
    const before = person.get('admin/audit');
    await isRead;
    const { username, display_name } = member;
    await api
      .platform(member.organization)
      .put(`members/${member.id}`, { username, display_name, role: 'admin' });
    change();
    expect((await before).status).toBe(403);
    expect((await person.get('admin/audit')).status).toBe(200);
  });

  it('are each caller’s own if many ask at once, by id and by username', async () => {
    const organization = await api.build.organization();
    const service = await api.build.service(organization, ['act_as']);
    const roles = Array.from({ length: 12 }, (_, number) => (number % 3 === 0 ? 'admin' : 'user'));
    const members = await Promise.all(roles.map((role) => api.build.member({ organization, role })));
    const people = await Promise.all(members.map((member) => api.as(member)));
    const onBehalf = members.map(({ username }) =>
      service.with({ 'X-On-Behalf-Of': username.toUpperCase() }),
    );
    const ids = members.map(({ id }) => id);
    const [own, named] = await Promise.all(
      [people, onBehalf].map((callers) => Promise.all(callers.map((caller) => caller.get('me')))),
    );
    expect(own!.map(({ body }) => body.id)).toEqual(ids);
    expect(named!.map(({ body }) => body.id)).toEqual(ids);
    const seen = await Promise.all(people.map((person) => person.get('admin/audit')));
    expect(seen.map(({ status }) => status)).toEqual(roles.map((role) => (role === 'admin' ? 200 : 403)));
  });
});
