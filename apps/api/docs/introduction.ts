/** The first text of the page, in Markdown. */
export const DESCRIPTION = `Messages and notifications for multi-tenant products.

**Authentication.** People send \`Authorization: Bearer <JWT>\` with the claims \`sub\` (user id), \`org\` (organization id) and \`exp\`. Services send \`X-Api-Key\`. In development, choose a person at the top of this page.

**Headers of services.** A key with the scope \`act_as\` can make a request on behalf of a person. \`X-On-Behalf-Of\` contains the person's id or username. The platform key names the organization in \`X-Organization-Id\`. Other callers can name only their own.

**Errors** are \`application/problem+json\`. Programs read \`code\`, which does not change; \`title\` and \`detail\` are for people. A resource of another organization, or of other people, returns the same 404 as one that does not exist.

**Pagination.** Lists take \`limit\` (1 to 100) and \`cursor\` and return \`{data, next_cursor}\`. Send \`next_cursor\` as \`cursor\` to get the next page; it is null on the last page.

**Idempotency.** Every POST takes \`Idempotency-Key\`. The same key with the same body returns the first response again, with \`Idempotency-Replayed: true\`, and does the work once. The same key with another body returns 422.

**Rate limits.** Responses carry \`RateLimit\` and \`RateLimit-Policy\`. Over the limit the server returns 429 with \`Retry-After\`.`;

/** In the order in which an integration needs them. */
export const TAGS: Record<string, string> = {
  Development: 'Tokens for demo people. Only with AUTH_MODE=dev.',
  Platform: 'Organizations, and the deletion of people from all of them.',
  People: "The directory of an organization, its members, and the caller's profile.",
  Messages: 'Direct messages, the inbox, and actions on a single message.',
  Threads: 'Direct threads and groups.',
  Blocking: 'Blocking and unblocking people.',
  Notifications: 'The feed of a person, and the notification requests of services.',
  Realtime: 'Notifications over a WebSocket.',
  Preferences: 'Channels, quiet hours and pauses of a person.',
  Webhooks: "An organization's endpoints for notifications.",
  Deliveries: 'Deliveries by e-mail, web push and webhook, and events in the dead letter queue.',
  Oversight: 'Supervision of the threads and messages of an organization. Audited.',
  Administration: 'Roles, messaging rules, notification types, API keys and the audit log.',
  Operations: 'Health checks and metrics, for operators.',
};
