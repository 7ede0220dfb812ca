import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';

const api = useApi({ worker: 'off' });

const MAX_ROLES = 100;

it('limits an organization to 100 roles, even if the last ones are created concurrently', async () => {
  const { organization, admin } = await api.build.organizationWithAdmin();
  await api.database.query(
    `INSERT INTO roles (organization_id, name, permissions)
     SELECT $1, 'role ' || number, '{}'
     FROM generate_series(1, ${MAX_ROLES - 3} - (SELECT count(*) FROM roles WHERE organization_id = $1)) AS number`,
    [organization.id],
  );
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => admin.put(`admin/roles/new${index}`, { permissions: [] })),
  );
  const made = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status }) => status === 409);
  expect([made.length, refused.length]).toEqual([3, 7]);
  expect(refused[0]!.body).toMatchObject({ code: 'conflict' });
  expect(refused[0]!.body.detail).toContain('100');
  expect((await admin.put(`admin/roles/${made[0]!.body.name}`, { permissions: [] })).status).toBe(200);
  expect((await admin.delete(`admin/roles/${made[0]!.body.name}`)).status).toBe(204);
  expect((await admin.put('admin/roles/another', { permissions: [] })).status).toBe(201);
});
