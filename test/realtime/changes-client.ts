import { expect } from 'vitest';
import type { Person } from '../support/people.js';

export interface Changes {
  cursor: string;
  reset: boolean;
  threads: { id: string; subject: string | null; unread_count: number; last_message: { preview: string } }[];
  gone_threads: string[];
  messages: { id: string; seq: number; content: string; deleted_at: string | null }[];
  gone_messages: { thread_id: string; seq: number }[];
  marks: object[];
  reset_threads: string[];
  notifications: { id: string; body: string; is_read: boolean }[];
  gone_notifications: string[];
  counts: { messages: number; notifications: number } | null;
  preferences_changed: boolean;
}

/** What GET /realtime/changes returns. */
export async function changes(
  { client }: Person,
  cursor?: string,
  query: Record<string, string | number> = {},
): Promise<Changes> {
  const parameters = new URLSearchParams({ ...(cursor && { cursor }), ...query } as Record<string, string>);
  const { status, body } = await client.get(`realtime/changes?${parameters.toString()}`);
  expect(status).toBe(200);
  return body as Changes;
}

/** A response that says that nothing has changed, without its cursor. */
export const nothing = {
  reset: false,
  threads: [],
  gone_threads: [],
  messages: [],
  gone_messages: [],
  reset_threads: [],
  marks: [],
  notifications: [],
  gone_notifications: [],
  reset_notifications: false,
  counts: null,
  preferences_changed: false,
};
