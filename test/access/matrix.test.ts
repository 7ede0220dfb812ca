import { beforeAll, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { PERMISSIONS } from '#identity';
import { type Client, useApi } from '../support/api.js';
import { apiRoutes, fill, nameOf } from '../support/routes.js';
import { ACCESS } from './access-table.js';

const api = useApi();

/** The callers of the matrix, each with what it can be let in by. */
let callers: { name: string; client: Client; has: (allowed: string) => boolean }[];

beforeAll(async () => {
  const organization = await api.build.organization();
  const user = await api.as(await api.build.member({ organization }));
  const admin = await api.as(await api.build.member({ organization, role: 'admin' }));
  const isPermission = (allowed: string) => PERMISSIONS.includes(allowed as never);
  const withoutEach = await Promise.all(
    PERMISSIONS.map(async (missing) => ({
      name: `a service with every scope but ${missing}`,
      client: await api.build.service(
        organization,
        PERMISSIONS.filter((scope) => scope !== missing),
      ),
      has: (allowed: string) => isPermission(allowed) && allowed !== missing,
    })),
  );
  callers = [
    { name: 'a user', client: user, has: (allowed) => allowed === 'person' },
    { name: 'an admin', client: admin, has: (allowed) => allowed === 'person' || isPermission(allowed) },
    { name: 'a service without scopes', client: await api.build.service(organization, []), has: () => false },
    { name: 'the platform', client: api.platform(organization), has: (allowed) => allowed !== 'person' },
    ...withoutEach,
  ];
});

const routes = () => apiRoutes(api.routes);

describe('every route', () => {
  it('is in the access table, which has no others', () => {
    expect(routes().map(nameOf).toSorted()).toEqual(Object.keys(ACCESS).toSorted());
  });

  it('answers 401 without credentials, unless it is public', async () => {
    for (const route of routes()) {
      const { status } = await api.anybody.send(route.method, fill(route.path, uuid()));
      const isPublic = ACCESS[nameOf(route)]?.includes('public');
      expect({ route: nameOf(route), refused: status === 401 }).toEqual({
        route: nameOf(route),
        refused: !isPublic,
      });
    }
  });

  it('admits the callers of the access table, and answers 403 to all others', async () => {
    for (const route of routes()) {
      const allowed = ACCESS[nameOf(route)]!;
      if (allowed.includes('public')) continue;
      for (const { name, client, has } of callers) {
        // Nothing is found by such an id or passes with such a body, so that who is let in changes nothing.
        const { status } = await client.send(route.method, fill(route.path, uuid()), bodyFor(route.method));
        const who = `${nameOf(route)} for ${name}`;
        if (allowed.some(has)) expect([401, 403], who).not.toContain(status);
        else expect({ who, status }).toEqual({ who, status: 403 });
      }
    }
  });
});

const bodyFor = (method: string) => (method === 'GET' || method === 'DELETE' ? undefined : { unknown: true });
