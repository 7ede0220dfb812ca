import { describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';

const api = useApi();

describe('GET /admin/notification-types', () => {
  it('lists built-in and own types by name, with is_default', async () => {
    const { admin } = await api.build.organizationWithAdmin();
    await admin.put('admin/notification-types/LAB_RESULT', { default_channels: { email: 'on' } });
    await admin.put('admin/notification-types/BILLING', { default_channels: { email: 'daily' } });
    const { status, body } = await admin.get('admin/notification-types?limit=3');
    expect(status).toBe(200);
    expect(body.data).toMatchObject([
      { name: 'APPOINTMENT', is_default: true },
      { name: 'BILLING', is_default: false, default_channels: { email: 'daily' } },
      { name: 'LAB_RESULT', is_default: false, default_channels: { email: 'on' } },
    ]);
    const rest = await admin.get(`admin/notification-types?limit=3&cursor=${body.next_cursor}`);
    expect(rest.body).toMatchObject({
      data: [
        { name: 'MESSAGE', is_default: true },
        { name: 'SYSTEM', is_default: true },
      ],
      next_cursor: null,
    });
  });

  it('shows nothing of another organization', async () => {
    const [home, abroad] = [await api.build.organizationWithAdmin(), await api.build.organizationWithAdmin()];
    await abroad.admin.put('admin/notification-types/SECRET', { default_channels: {} });
    const { body } = await home.admin.get('admin/notification-types?limit=100');
    expect((body.data as { name: string }[]).map(({ name }) => name)).toEqual([
      'APPOINTMENT',
      'BILLING',
      'MESSAGE',
      'SYSTEM',
    ]);
  });
});
