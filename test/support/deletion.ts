import { vi } from 'vitest';
import type { TestApi } from './api.js';
import type { TestMember } from './builders.js';

/** Deletes a person from all organizations, and waits until the worker has erased them. */
export async function deleteUser(api: TestApi, id: string, timeout = 20_000): Promise<void> {
  const { status, text } = await api.platform().delete(`users/${id}`);
  if (status !== 202) throw new Error(`${status}: ${text}`);
  await deleted(api, id, timeout);
}

export const deleted = (api: TestApi, id: string, timeout = 20_000): Promise<unknown> =>
  vi.waitUntil(async () => (await api.platform().get(`users/${id}/deletion`)).body.status === 'deleted', {
    timeout,
    interval: 20,
  });

/** Creates a member again with the same id, after a deletion. */
export const recreate = (api: TestApi, { organization, id, username, display_name, role }: TestMember) =>
  api.platform(organization).put(`members/${id}`, { username, display_name, role });
