import { WebhookEndpoints } from '#delivery';
import { ApiKeys, type Caller, Members, Organizations, PERMISSIONS, PLATFORM_ORGANIZATION } from '#identity';
import type { INestApplicationContext } from '@nestjs/common';
import { NotificationTypes } from '#preferences';
import { DEMO_TYPE } from './notification-types.js';
import { seedConversations } from './seed-conversations.js';
import { seedNotifications } from './seed-notifications.js';
import { DEMO_WEBHOOK } from './webhooks.js';
import { DEMO_API_KEY, DEMO_ORGANIZATION, DEMO_PEOPLE } from './people.js';

/** Makes the demo organization through the same services as anybody would; once it is there nothing happens. */
export async function seedDemo(app: INestApplicationContext): Promise<void> {
  const organizations = app.get(Organizations);
  const platform: Caller = {
    kind: 'platform',
    organizationId: PLATFORM_ORGANIZATION,
    permissions: new Set(PERMISSIONS),
    requestId: 'demo',
  };
  const isThere = await organizations.get(platform, DEMO_ORGANIZATION.id).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  await organizations.put(platform, DEMO_ORGANIZATION.id, DEMO_ORGANIZATION.name);
  const manager = { ...platform, organizationId: DEMO_ORGANIZATION.id };
  for (const { id, ...person } of Object.values(DEMO_PEOPLE)) await app.get(Members).put(manager, id, person);
  await app.get(ApiKeys).create(manager, DEMO_API_KEY);
  await app.get(NotificationTypes).put(manager, DEMO_TYPE, {
    default_channels: { in_app: 'on', email: 'daily' },
    mandatory_channels: [],
    aggregation_window_seconds: 0,
    retention_days: 30,
  });
  await app.get(WebhookEndpoints).create(manager, DEMO_WEBHOOK);
  await seedConversations(app);
  await seedNotifications(app, manager);
}
