import { vi } from 'vitest';
import type { TestApi } from './api.js';

/** Deletes a person from everywhere, and waits until nothing of them is left. */
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
