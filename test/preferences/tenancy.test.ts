import { beforeEach, describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { Database, type Transaction } from '#database';
import { findPreferences, resolve } from '#preferences';
import { type Client, useApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import type { Asker } from '../support/database.js';
import { deleteUser } from '../support/deletion.js';

const api = useApi();

let [home, abroad]: TestOrganization[] = [];
let [adminAtHome, adminAbroad]: Client[] = [];
/** Ann is in both organizations, Bob at home only, Carl abroad only. */
let [ann, bob, carl]: TestMember[] = [];
let [annAtHome, annAbroad]: Client[] = [];

beforeEach(async () => {
  const [first, second] = [await api.build.organizationWithAdmin(), await api.build.organizationWithAdmin()];
  [home, abroad] = [first.organization, second.organization];
  [adminAtHome, adminAbroad] = [first.admin, second.admin];
  ann = await api.build.member({ organization: home });
  const annThere = await api.build.member({ organization: abroad, id: ann.id });
  bob = await api.build.member({ organization: home });
  carl = await api.build.member({ organization: abroad });
  [annAtHome, annAbroad] = [await api.as(ann), await api.as(annThere)];
});

const email = async (client: Client | undefined, type = 'MESSAGE') =>
  (await client!.get('preferences')).body.effective[type]?.email.value as string | undefined;

describe('preferences in two organizations', () => {
  it('apply to one organization, or to both if they are global', async () => {
    await annAtHome!.patch('preferences', { types: { MESSAGE: { email: 'off' } } });
    expect([await email(annAtHome), await email(annAbroad)]).toEqual(['off', 'hourly']);
    await annAbroad!.patch('preferences?scope=global', { types: { MESSAGE: { email: 'daily' } } });
    expect([await email(annAtHome), await email(annAbroad)]).toEqual(['off', 'daily']);
    expect((await annAtHome!.get('preferences')).body.explicit).toEqual({
      global: { types: { MESSAGE: { email: 'daily' } } },
      organization: { types: { MESSAGE: { email: 'off' } } },
    });
    expect((await annAbroad!.get('preferences')).body.explicit.organization).toEqual({});
  });

  it('use the types, defaults and locks of each organization', async () => {
    await adminAtHome!.put('admin/notification-types/HOUSE', { default_channels: { email: 'on' } });
    await adminAtHome!.patch('admin/preferences', { channels: { email: 'off' }, locked: ['channels.email'] });
    expect([await email(annAtHome), await email(annAbroad)]).toEqual(['off', 'hourly']);
    expect([await email(annAtHome, 'HOUSE'), await email(annAbroad, 'HOUSE')]).toEqual(['off', undefined]);
    expect((await adminAbroad!.get('admin/preferences')).body).toEqual({});
    expect((await adminAbroad!.get('admin/notification-types/HOUSE')).status).toBe(404);
    expect((await adminAbroad!.delete('admin/notification-types/HOUSE')).status).toBe(404);
    expect((await annAbroad!.patch('preferences', { channels: { email: 'on' } })).status).toBe(200);
    expect((await annAtHome!.patch('preferences', { channels: { email: 'on' } })).status).toBe(409);
  });

  it('are erased with the person in all organizations', async () => {
    await annAtHome!.patch('preferences', { channels: { email: 'off' } });
    await annAtHome!.patch('preferences?scope=global', { channels: { email: 'off' } });
    await deleteUser(api, ann!.id);
    for (const table of ['member_preferences', 'user_preferences']) {
      expect(await api.database.query(`SELECT FROM ${table} WHERE user_id = $1`, [ann!.id])).toEqual([]);
    }
  });
});

describe('raw SQL without a WHERE clause, as the role of requests,', () => {
  const TABLES = ['member_preferences', 'user_preferences'];
  const owners = (table: string, tenant: Asker) =>
    api.database.asRequestRole(tenant, async (query) =>
      (await query<{ user_id: string }>(`SELECT user_id FROM ${table}`)).map(({ user_id }) => user_id),
    );
  const change = (table: string, tenant: Asker) =>
    api.database.asRequestRole(tenant, async (query) =>
      (await query<{ user_id: string }>(`UPDATE ${table} SET document = '{}' RETURNING user_id`)).map(
        ({ user_id }) => user_id,
      ),
    );
  const here = (userId?: string) => ({ organizationId: home!.id, userId });
  const wide = (): Asker => ({ organizationId: home!.id, scope: 'organization' });

  beforeEach(async () => {
    for (const person of [ann!, bob!, carl!]) {
      const client = await api.as(person);
      await client.patch('preferences', { channels: { email: 'off' } });
      await client.patch('preferences?scope=global', { channels: { email: 'off' } });
    }
    await annAbroad!.patch('preferences', { channels: { email: 'daily' } });
  });

  it.each(TABLES)('a person reads and changes their own row of %s', async (table) => {
    expect(await owners(table, here(ann!.id))).toEqual([ann!.id]);
    expect(await change(table, here(ann!.id))).toEqual([ann!.id]);
  });

  it.each(TABLES)(
    'an organization-wide transaction reads the rows of its members in %s, and changes none',
    async (table) => {
      const seen = await owners(table, wide());
      expect(seen).toEqual(expect.arrayContaining([ann!.id, bob!.id]));
      expect(seen).not.toContain(carl!.id);
      expect(await change(table, wide())).toEqual([]);
    },
  );

  it('an organization-wide transaction does not read the global row of a removed member', async () => {
    await adminAtHome!.delete(`members/${bob!.id}`);
    expect(await owners('user_preferences', wide())).not.toContain(bob!.id);
  });

  it.each(TABLES)('nobody else reads or changes anything in %s', async (table) => {
    const tenants: Asker[] = [{}, here(), here(uuid()), { scope: 'organization' }];
    for (const tenant of tenants) {
      expect(await owners(table, tenant)).toEqual([]);
      expect(await change(table, tenant)).toEqual([]);
    }
  });

  it.each([
    ['member_preferences', '(organization_id, user_id, document) VALUES ($1, $2, $3)'],
    ['user_preferences', '(user_id, document) SELECT $2::uuid, $3::jsonb WHERE $1::uuid IS NOT NULL'],
  ])('nobody inserts a row of %s for another person', async (table, values) => {
    const newcomer = await api.build.member({ organization: home });
    for (const tenant of [here(), here(ann!.id), wide()]) {
      const write = api.database.asRequestRole(tenant, (query) =>
        query(`INSERT INTO ${table} ${values}`, [home!.id, newcomer.id, {}]),
      );
      await expect(write).rejects.toThrow('row-level security');
    }
  });

  it('an organization cannot read or change types and defaults of another', async () => {
    await adminAbroad!.put('admin/notification-types/ABROAD', { default_channels: {} });
    await adminAbroad!.patch('admin/preferences', { channels: { email: 'on' } });
    await api.database.asRequestRole(wide(), async (query) => {
      for (const table of ['notification_types', 'organization_preferences']) {
        const rows = await query<{ organization_id: string }>(`SELECT organization_id FROM ${table}`);
        expect(rows.filter(({ organization_id }) => organization_id !== home!.id)).toEqual([]);
      }
      expect(await query(`DELETE FROM notification_types WHERE name = 'ABROAD' RETURNING name`)).toEqual([]);
    });
  });
});

describe('the preferences of many people', () => {
  const at = new Date();
  const find = (userIds: string[], type: string, userId?: string) => {
    const database = api.app.get(Database);
    const work = async (tx: Transaction) => {
      let queries = 0;
      const counting = new Proxy(tx, {
        get: (target, property) => {
          if (property === 'query') queries++;
          const value: unknown = Reflect.get(target, property);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
      return { found: await findPreferences(counting, userIds, type), queries };
    };
    return userId
      ? database.tenantTransaction({ organizationId: home!.id, userId }, work)
      : database.organizationTransaction(home!.id, work);
  };

  it('are read in one query, with the defaults and the type', async () => {
    await adminAtHome!.put('admin/notification-types/MESSAGE', { default_channels: { in_app: 'on' } });
    await adminAtHome!.patch('admin/preferences', { channels: { web_push: 'on' } });
    await annAtHome!.patch('preferences', { channels: { email: 'daily' } });
    await annAbroad!.patch('preferences', { channels: { email: 'off' } });
    await annAtHome!.patch('preferences?scope=global', { channels: { webhook: 'on' } });
    const { found, queries } = await find([ann!.id, bob!.id], 'MESSAGE');
    expect(queries).toBe(1);
    expect(found).toMatchObject({
      type: { name: 'MESSAGE', default_channels: { in_app: 'on', email: 'off' } },
      organization: { channels: { web_push: 'on' } },
    });
    expect([...found!.people.keys()].toSorted()).toEqual([ann!.id, bob!.id].toSorted());
    const values = (userId: string) =>
      Object.values(resolve(found!.people.get(userId)!, { at })).map(({ value }) => value);
    expect(values(ann!.id)).toEqual(['on', 'off', 'daily', 'on', 'on']);
    expect(values(bob!.id)).toEqual(['on', 'off', 'off', 'on', 'off']);
  });

  it('include time zones, and nothing from other organizations', async () => {
    const zoned = await api.build.member({ organization: home, time_zone: 'Asia/Tokyo' } as object);
    await (await api.as(carl!)).patch('preferences?scope=global', { channels: { email: 'off' } });
    const { found } = await find([zoned.id, carl!.id, uuid()], 'BILLING');
    expect(found!.people.get(zoned.id)!.time_zone).toBe('Asia/Tokyo');
    expect(found!.people.get(carl!.id)).toMatchObject({
      time_zone: null,
      person: { organization: {}, global: {} },
    });
    expect(found!.people.size).toBe(3);
  });

  it('include no other person’s document, are empty without a person, and undefined without a type', async () => {
    await (await api.as(bob!)).patch('preferences', { channels: { email: 'off' } });
    await (await api.as(bob!)).patch('preferences?scope=global', { channels: { email: 'off' } });
    const { found } = await find([bob!.id], 'BILLING', ann!.id);
    expect(found!.people.get(bob!.id)!.person).toEqual({ organization: {}, global: {} });
    expect((await find([], 'BILLING')).found!.people.size).toBe(0);
    expect((await find([bob!.id], 'NO_SUCH_TYPE')).found).toBe(undefined);
    expect((await find([bob!.id], 'toString')).found).toBe(undefined);
  });

  it('are read in one query for thousands of people too', async () => {
    await (await api.as(bob!)).patch('preferences', { channels: { email: 'off' } });
    const others = Array.from({ length: 5000 }, () => uuid());
    const { found, queries } = await find([...others, bob!.id], 'BILLING');
    expect({ queries, people: found!.people.size }).toEqual({ queries: 1, people: 5001 });
    expect(resolve(found!.people.get(bob!.id)!, { at }).email.value).toBe('off');
  });
});
