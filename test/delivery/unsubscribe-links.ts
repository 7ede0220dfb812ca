import { expect } from 'vitest';
import type { TestApi } from '../support/api.js';
import { type MailServer, headerOf } from './mail-server.js';
import { type Mailing, POLLING, mailing, notify } from './mailing.js';

/** The path of the link in the newest mail for Ann. */
export async function linkOf(server: MailServer, { ann }: Mailing, count = 1): Promise<string> {
  await expect.poll(() => server.of(ann.email).length, POLLING).toBe(count);
  const [header] = headerOf(server.of(ann.email).at(-1)!, 'List-Unsubscribe');
  const { origin, pathname } = new URL(header!.slice(1, -1));
  expect(origin).toBe('http://localhost:3000');
  return pathname;
}

/** Sends Ann a mail; the path of its unsubscribe link. */
export async function mailedLink(
  api: TestApi,
  server: MailServer,
  given: object = {},
): Promise<Mailing & { link: string }> {
  const mail = await mailing(api);
  await notify(mail, given);
  return { ...mail, link: await linkOf(server, mail) };
}

export const explicit = async ({ asAnn }: Mailing) => (await asAnn.get('preferences')).body.explicit;
