import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { useApi } from '../support/api.js';
import { codesOf, documents, sectionsOf, tableOf } from './markdown.js';

const api = useApi({ webhookAllowPrivate: true });

const file = 'docs/webhooks.md';
const sections = sectionsOf(file, (await documents()).get(file)!);
const textOf = (heading: string): string => sections.find((one) => one.heading === heading)!.text;
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code!);

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** Sends one notification to a webhook, and returns what arrives there, with the secret. */
async function receiveOne(): Promise<Received & { secret: string }> {
  const received = Promise.withResolvers<Received>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(204).end();
      received.resolve({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const member = await api.build.member({ role: 'admin' });
  const admin = await api.as(member);
  const { body: webhook } = await admin.post('admin/webhooks', {
    url: `http://127.0.0.1:${port}/hooks/tidings`,
    types: ['BILLING'],
  });
  await admin.post('notifications', {
    to: { users: [member.id] },
    type: 'BILLING',
    title: 'Your invoice is there',
    body: 'Thank you for your visit.',
    data: { invoice: 'R-2031' },
    action_url: 'https://clinic.example/invoices/2031',
  });
  return { ...(await received.promise), secret: webhook.secret as string };
}

/** The function that the guide shows for receivers without a library. */
async function documentedCheck(): Promise<(secret: string, headers: object, body: string) => boolean> {
  const code = blocksOf(textOf('Verify the webhook signature'), 'js').find((block) =>
    block.includes('function isSignedBy'),
  );
  const folder = await mkdtemp(join(tmpdir(), 'tidings-docs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'check.mjs');
  await writeFile(path, `${code}\nexport { isSignedBy };\n`);
  const { isSignedBy } = (await import(pathToFileURL(path).href)) as {
    isSignedBy: (secret: string, headers: object, body: string) => boolean;
  };
  return isSignedBy;
}

it('a webhook has the payload and headers of the guide, whose code verifies the signature', async () => {
  const { headers, body, secret } = await receiveOne();

  const text = textOf('Request and payload');
  const documented = JSON.parse(blocksOf(text, 'json')[0]!);
  const event = JSON.parse(body);
  expect(Object.keys(event)).toEqual(Object.keys(documented));
  expect(Object.keys(event.data)).toEqual(Object.keys(documented.data));
  expect(event).toMatchObject({
    type: documented.type,
    data: { title: documented.data.title, data: documented.data.data, priority: documented.data.priority },
  });
  for (const [header] of tableOf(text)) expect(headers).toHaveProperty(codesOf(header!));

  const isSignedBy = await documentedCheck();
  expect(isSignedBy(secret, headers, body)).toBe(true);
  expect(isSignedBy(secret, headers, body.replace('Thank', 'Blame'))).toBe(false);
  expect(isSignedBy(`whsec_${Buffer.alloc(32).toString('base64')}`, headers, body)).toBe(false);
  expect(isSignedBy(secret, { ...headers, 'webhook-timestamp': '1' }, body)).toBe(false);
});
