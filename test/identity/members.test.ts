import { describe, expect, it } from 'vitest';
import { v7 as uuid } from 'uuid';
import { useApi } from '../support/api.js';

const api = useApi();

describe('PUT /members/{user_id}', () => {
  it('makes a member, then changes the same one', async () => {
    const organization = await api.build.organization();
    const id = uuid();
    const input = { username: 'nina', display_name: 'Nina', role: 'user', email: 'nina@example.com' };

    const made = await api.platform(organization).put(`members/${id}`, input);
    const changed = await api
      .platform(organization)
      .put(`members/${id}`, { ...input, display_name: 'Nina N.' });

    expect(made).toMatchObject({ status: 201, body: { id, username: 'nina', email: 'nina@example.com' } });
    expect(changed).toMatchObject({ status: 200, body: { display_name: 'Nina N.' } });
  });
});
