import type { INestApplicationContext } from '@nestjs/common';
import type { Caller } from '#identity';
import { NotificationRequestsService } from '#notifications';
import {
  DEMO_NOTIFICATION,
  DEMO_NOTIFICATION_REQUEST,
  DEMO_NOTIFICATION_REQUEST_TO_RETRACT,
  DEMO_NOTIFICATION_TO_DELETE,
} from './conversations.js';
import { DEMO_PEOPLE } from './people.js';

/** Notifies Ada, as a service would. */
export async function seedNotifications(app: INestApplicationContext, service: Caller): Promise<void> {
  const notify = (requestId: string, { id, title }: { id: string; title: string }, body: string) =>
    app.get(NotificationRequestsService).create(service, {
      id: requestId,
      notificationId: id,
      to: { users: [DEMO_PEOPLE.ada.id] },
      content: { type: 'SYSTEM', title, body, data: {}, priority: 'normal' },
    });
  await notify(DEMO_NOTIFICATION_REQUEST.id, DEMO_NOTIFICATION, 'From 6 to 8 in the morning.');
  await notify(
    DEMO_NOTIFICATION_REQUEST_TO_RETRACT.id,
    DEMO_NOTIFICATION_TO_DELETE,
    'Thank you for your patience.',
  );
}
