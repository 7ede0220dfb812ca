import { WebhookEndpointsService } from '#webhooks';
import {
  ApiKeysService,
  type Caller,
  MembersService,
  OrganizationsService,
  PERMISSIONS,
  PLATFORM_ORGANIZATION,
} from '#identity';
import type { INestApplicationContext } from '@nestjs/common';
import { NotificationTypesService } from '#preferences';
import { DEMO_TYPE } from './notification-types.js';
import { seedConversations } from './seed-conversations.js';
import { seedNotifications } from './seed-notifications.js';
import { DEMO_WEBHOOK } from './webhooks.js';
import { DEMO_API_KEY, DEMO_ORGANIZATION, DEMO_PEOPLE } from './people.js';

/** Creates the demo organization with the services that requests use. Does nothing if it exists. */
export async function seedDemo(app: INestApplicationContext): Promise<void> {
  const organizations = app.get(OrganizationsService);
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
  for (const { id, ...person } of Object.values(DEMO_PEOPLE))
    await app.get(MembersService).put(manager, id, person);
  await app.get(ApiKeysService).create(manager, DEMO_API_KEY);
  await app.get(NotificationTypesService).put(manager, DEMO_TYPE, {
    default_channels: { in_app: 'on', email: 'daily' },
    mandatory_channels: [],
    aggregation_window_seconds: 0,
    retention_days: 30,
  });
  await app.get(WebhookEndpointsService).create(manager, DEMO_WEBHOOK);
  await seedConversations(app);
  await seedNotifications(app, manager);
}
