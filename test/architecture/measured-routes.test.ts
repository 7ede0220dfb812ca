import { expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import { apiRoutes, nameOf } from '../support/routes.js';
import { NOT_MEASURED, REQUESTS } from '../bench/route-requests.js';

const api = useApi({ worker: 'off' });

it('lists each route of the router once: measured by bench:routes, or with the reason why not', () => {
  const names = apiRoutes(api.routes).map(nameOf);
  const listed = [...Object.keys(REQUESTS), ...Object.keys(NOT_MEASURED)];
  expect(listed.toSorted()).toEqual(names.toSorted());
});
