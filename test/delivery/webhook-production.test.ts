import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';

const strict = useApi({ production: true });
const permissive = useApi({ production: true, webhookAllowPrivate: true });

it('refuses webhooks without https, unless the server allows private addresses', async () => {
  const { admin } = await strict.build.organizationWithAdmin();
  expect(await admin.post('admin/webhooks', { url: 'http://clinic.example' })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'url', message: 'must begin with https://' }] },
  });
  expect((await admin.post('admin/webhooks', { url: 'https://clinic.example' })).status).toBe(201);
  const { admin: other } = await permissive.build.organizationWithAdmin();
  expect((await other.post('admin/webhooks', { url: 'http://10.0.0.1' })).status).toBe(201);
});
