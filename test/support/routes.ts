import type { Route } from '../../apps/api/http/route-table.js';

/** What Swagger UI is served by: files, for anybody. */
const isDocs = ({ path }: Route): boolean => path.startsWith('/docs') || path === '/openapi.json';

/** The routes of the API, straight from the router, so that a new one is covered without being listed. */
export const apiRoutes = (routes: Route[]): Route[] =>
  routes.filter(
    (route) =>
      route.method !== 'HEAD' && route.method !== 'OPTIONS' && !isDocs(route) && !route.path.includes('*'),
  );

export const nameOf = ({ method, path }: Route): string => `${method} ${path.replace('/api/v1/', '')}`;

export const fill = (path: string, value: string): string => path.replace(/:\w+/g, value);
