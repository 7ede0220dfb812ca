import { expect, it } from 'vitest';
import { createTidings, oversightOf } from '@tidings/client';
import { FakeFetch, json } from './fake-fetch.js';
import { callAll, called, operations, operationsOfPeople } from './operations.js';

it('the client has every route that a person may call, those of oversight, and no other', async () => {
  const fake = new FakeFetch(() => json({}));
  const tidings = createTidings({ url: 'https://t.example', getToken: () => 'token', fetch: fake.fetch });
  await callAll({ ...tidings, oversight: oversightOf(tidings) });
  const overseen = await operations((allowed) => allowed.includes('messages:monitor'));
  expect(called(fake.sent).toSorted()).toEqual([...(await operationsOfPeople()), ...overseen].toSorted());
});

it('oversight names its reason in a header, as bytes of UTF-8 in one line', async () => {
  const fake = new FakeFetch(() => json({}));
  const tidings = createTidings({ url: 'https://t.example', getToken: () => 'token', fetch: fake.fetch });
  await oversightOf(tidings).messages('t1', 'Complaint\n of Zoë 苏', { limit: 5 });
  const { path, headers } = fake.sent[0]!;
  expect(path).toBe('admin/threads/t1/messages?limit=5');
  expect(Buffer.from(headers['X-Access-Reason']!, 'latin1').toString()).toBe('Complaint of Zoë 苏');
  expect(headers).toMatchObject({ Authorization: 'Bearer token' });
});
