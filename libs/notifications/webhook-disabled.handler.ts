import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { EventMap } from '#events';
import { OnOutboxEvent, type RecordedEvent } from '#outbox';
import { type RequestContent, insertRequest } from './requests.queries.js';

/**
 * Notifies the members with webhooks:manage. The id of the event is the id of the request, so an event that is
 * handled twice creates one request, and a large audience is notified in the background like any other.
 */
@Injectable()
export class WebhookDisabledHandler {
  constructor(private readonly database: Database) {}

  @OnOutboxEvent('webhook.disabled')
  async disabled({ organizationId, id, payload }: RecordedEvent<'webhook.disabled'>): Promise<void> {
    await this.database.organizationTransaction(organizationId, async (tx) => {
      const isNew = await insertRequest(tx, {
        id,
        audience: { permission: 'webhooks:manage' },
        content: contentOf(payload),
        status: 'sending',
        deliver_at: null,
        recipients: null,
      });
      if (isNew) tx.record('notification.requested', { request_id: id });
    });
  }
}

const CAUSES: Record<EventMap['webhook.disabled']['cause'], string> = {
  gone: 'it responded with 410 Gone',
  failing: 'every attempt has failed for five days',
};

const contentOf = ({ webhook_id, origin, cause }: EventMap['webhook.disabled']): RequestContent => ({
  type: 'SYSTEM',
  title: 'A webhook was disabled',
  body: `Nothing more is sent to ${origin}, because ${CAUSES[cause]}. Enable the webhook again once its receiver works.`,
  data: { webhook_id },
  priority: 'normal',
});
