/** What a reader sees first, in Markdown. */
export const DESCRIPTION = `Messages and notifications for multi-tenant products.

**Authentication.** People send \`Authorization: Bearer <JWT>\` with the claims \`sub\` (user id), \`org\` (organization id) and \`exp\`. Services send \`X-Api-Key\`. In development, choose a person at the top of this page.

**Headers of services.** A key with the scope \`act_as\` makes a request on behalf of a person whom it names in \`X-On-Behalf-Of\`, by id or username. The platform key names the organization in \`X-Organization-Id\`; other callers can name only their own.

**Errors** are \`application/problem+json\`. Programs read \`code\`, which does not change; \`title\` and \`detail\` are for people. Whatever belongs to another organization, or to other people, returns the same 404 as what does not exist.

**Pagination.** Lists take \`limit\` (1 to 100) and \`cursor\` and return \`{data, next_cursor}\`. Send \`next_cursor\` as \`cursor\` to get the next page; it is null on the last page.

**Idempotency.** Every POST takes \`Idempotency-Key\`. The same key with the same body returns the first response again, with \`Idempotency-Replayed: true\`, and does the work once. The same key with another body returns 422.

**Rate limits.** Responses carry \`RateLimit\` and \`RateLimit-Policy\`. Over the limit the server returns 429 with \`Retry-After\`.`;

/** In the order in which an integration needs them. */
export const TAGS: Record<string, string> = {
  Development: 'Tokens for demo people. Only with AUTH_MODE=dev.',
  Platform: 'Organizations, and the deletion of people from all of them.',
  People: 'The directory of an organization, its members, and the own profile.',
  Messages: 'Direct messages, the inbox, and actions on a single message.',
  Threads: 'Direct threads and groups.',
  Blocking: 'The people whom a person has blocked.',
  Notifications: 'The feed of a person, and the requests of services that fill it.',
  Realtime: 'Notifications over a WebSocket.',
  Preferences: 'The channels, quiet hours and pauses that a person has chosen.',
  Webhooks: "An organization's endpoints for notifications.",
  Deliveries: 'Deliveries by e-mail, web push and webhook, and events in the dead letter queue.',
  Oversight: 'Threads and messages of an organization, for those who must supervise them. Audited.',
  Administration: 'Roles, messaging rules, notification types, API keys and the audit log.',
  Operations: 'Health checks and metrics, for those who run the server.',
};
