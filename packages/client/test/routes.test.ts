import { expect, it } from 'vitest';
import { createTidings } from '@tidings/client';
import { FakeFetch, json } from './fake-fetch.js';
import { callAll, called, operationsOfPeople } from './operations.js';

it('the client has every route that a person may call, and no other', async () => {
  const fake = new FakeFetch(() => json({}));
  const tidings = createTidings({ url: 'https://t.example', getToken: () => 'token', fetch: fake.fetch });
  await callAll(tidings);
  expect(called(fake.sent).toSorted()).toEqual((await operationsOfPeople()).toSorted());
});
