import { beforeAll, describe, expect, it } from 'vitest';
import { NOT_TENANT_TABLES } from '../../migrations/rls.js';
import { useApi } from '../support/api.js';
import { itKeepsToItself } from './foreign-requests.js';

const api = useApi({ worker: 'off' });

beforeAll(async () => {
  const tables = await api.database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_policies WHERE schemaname = 'tidings' AND policyname = 'tenant' AND tablename <> ALL ($1)`,
    [NOT_TENANT_TABLES],
  );
  for (const { name } of tables)
    await api.database.query(`ALTER POLICY tenant ON ${name} USING (true) WITH CHECK (true)`);
});

describe('an organization without the policies of the tenant', () => {
  it('could see all others by a statement that names no organization', async () => {
    const [one] = [await api.build.organization(), await api.build.organization()];
    const seen = await api.database.asRequestRole({ organizationId: one.id }, (query) =>
      query('SELECT FROM organizations'),
    );
    expect(seen.length).toBeGreaterThan(1);
  });

  itKeepsToItself(api);
});
