import { randomUUID } from 'node:crypto';
import { createIssuer } from './issuer.js';
import { connect } from './realtime.js';
import { startBackend } from './receiver.js';
import { createClient } from './tidings.js';

const TIDINGS_URL = process.env.TIDINGS_URL ?? 'http://localhost:3000';
const PLATFORM_API_KEY = process.env.PLATFORM_API_KEY ?? 'a-platform-key-of-32-characters-or-more';
const PORT = Number(process.env.BACKEND_PORT ?? 4000);
const BACKEND_URL = `http://localhost:${PORT}`;

const received = Promise.withResolvers();
const shown = Promise.withResolvers();

// 1. Sign tokens, and publish the public key.
const issuer = await createIssuer({ issuer: BACKEND_URL, audience: 'tidings' });
const backend = await startBackend({ port: PORT, jwks: issuer.jwks, onEvent: received.resolve });

// 2. Create the organization and its members, under the ids of your own database.
const organizationId = randomUUID();
const nora = randomUUID();
const sam = randomUUID();
const platform = createClient(TIDINGS_URL, { 'X-Api-Key': PLATFORM_API_KEY });
await platform('PUT', `/organizations/${organizationId}`, { name: 'Hillside Homes' });
const inOrganization = { 'X-Organization-Id': organizationId };
await platform(
  'PUT',
  `/members/${nora}`,
  { username: 'nora', display_name: 'Nora Novak', role: 'user', email: 'nora@example.com' },
  inOrganization,
);
await platform(
  'PUT',
  `/members/${sam}`,
  { username: 'sam', display_name: 'Sam Smith', role: 'user' },
  inOrganization,
);
console.log('created     organization and members');

// 3. Create an API key for the service that sends notifications.
const { secret: apiKey } = await platform(
  'POST',
  '/admin/api-keys',
  { name: 'back end', scopes: ['notifications:send', 'preferences:manage', 'webhooks:manage'] },
  inOrganization,
);
const service = createClient(TIDINGS_URL, { 'X-Api-Key': apiKey });
console.log('created     API key', `${apiKey.slice(0, 6)}…`);

// 4. Create a notification type of your own.
await service('PUT', '/admin/notification-types/RENT_DUE', {
  default_channels: { in_app: 'on', realtime: 'on', webhook: 'on' },
});
console.log('created     notification type RENT_DUE');

// 5. Receive webhooks.
const { secret: webhookSecret } = await service('POST', '/admin/webhooks', {
  url: `${BACKEND_URL}/hooks/tidings`,
  types: ['RENT_DUE'],
});
backend.trustWebhook(webhookSecret);
console.log('created     webhook');

// 6. Sign in Nora, and connect her browser.
const token = await issuer.sign({ userId: nora, organizationId });
const socket = await connect(TIDINGS_URL, token, (notification) => {
  if (notification.type === 'RENT_DUE') shown.resolve(notification);
});
console.log('connected   WebSocket of nora');

// 7. Notify her.
await service('POST', '/notifications', {
  to: { users: [nora] },
  type: 'RENT_DUE',
  title: 'Rent is due',
  body: 'Please pay by Friday.',
  data: { invoice: 'R-2031' },
});
console.log('realtime   ', (await shown.promise).title);
console.log('webhook    ', (await received.promise).data.title);

// 8. Sam writes to Nora, and she reads it.
const asSam = createClient(TIDINGS_URL, {
  Authorization: `Bearer ${await issuer.sign({ userId: sam, organizationId })}`,
});
const asNora = createClient(TIDINGS_URL, { Authorization: `Bearer ${token}` });
await asSam('POST', '/messages/send', {
  recipient: nora,
  content: 'Can I borrow your drill?',
  client_token: randomUUID(),
});
const { conversations } = await asNora('GET', '/messages/inbox');
console.log('message     from', conversations[0].with_user, '-', conversations[0].last_message);

socket.close();
backend.stop();
