/**
 * Who may call what: the one table that the matrix holds every route against. A route that is not here fails it.
 * 'public': anybody. 'person': every person. 'platform': the platform key. Otherwise the permission.
 */
export const ACCESS: Record<string, string[]> = {
  'GET /health/live': ['public'],
  'GET /health/ready': ['public'],
  'GET /metrics': ['public'],
  'POST dev/token': ['public'],
  'GET me': ['person'],
  'PATCH me/visibility': ['person'],
  'GET members': ['person', 'members:manage'],
  'GET members/:person': ['person', 'members:manage'],
  'PUT members/:user_id': ['members:manage'],
  'DELETE members/:user_id': ['members:manage'],
  'GET admin/roles/:name': ['roles:manage'],
  'PUT admin/roles/:name': ['roles:manage'],
  'DELETE admin/roles/:name': ['roles:manage'],
  'GET admin/api-keys': ['keys:manage'],
  'POST admin/api-keys': ['keys:manage'],
  'DELETE admin/api-keys/:id': ['keys:manage'],
  'GET admin/audit': ['audit:read'],
  'PUT organizations/:id': ['platform'],
  'GET organizations/:id': ['platform'],
  'DELETE users/:id': ['platform'],
};
