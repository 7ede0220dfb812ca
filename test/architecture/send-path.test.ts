import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('takes a send through at most seven files, which the architecture guide names', async () => {
  const guide = await readFile('docs/architecture.md', 'utf8');
  const [, path] = /<!-- send-path -->(.*)<!-- \/send-path -->/s.exec(guide)!;
  const files = [...path!.matchAll(/^\d\. `([^`]+)`/gm)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(4);
  expect(files.length).toBeLessThanOrEqual(7);
  expect(files.filter((file) => !existsSync(file))).toEqual([]);

  // Decision, write and presentation are a step each: their callers import them.
  const service = await readFile('libs/messaging/send/send.service.ts', 'utf8');
  for (const name of ['send-policy', 'send.queries']) expect(service).toContain(`from './${name}.js'`);
  const controller = await readFile('apps/api/messaging/messages.controller.ts', 'utf8');
  expect(controller).toContain("from './message.presenters.js'");
  expect(controller).toContain('SendService');
});
