import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { apiRoutes, nameOf } from '../support/routes.js';
import { NOT_MEASURED, REQUESTS } from '../bench/route-requests.js';

const api = useApi({ worker: 'off' });

it('bench:routes lists every route once, with a measurement or the reason for none', () => {
  const names = apiRoutes(api.routes).map(nameOf);
  const listed = [...Object.keys(REQUESTS), ...Object.keys(NOT_MEASURED)];
  expect(listed.toSorted()).toEqual(names.toSorted());
});
