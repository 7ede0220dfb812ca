import { Inject, Injectable } from '@nestjs/common';
import webPush from 'web-push';
import { CONFIG, type WorkerConfig } from '#config';
import { Database, type Transaction } from '#database';
import { SecretBox } from '#secrets';
import {
  type HttpResponse,
  OutboundHttp,
  type ChannelSender,
  type SendOutcome,
  type OutboundDelivery,
  TOO_MANY_REQUESTS,
  retryOutcome,
} from '#outbound';
import { pushPayload } from './push-payload.js';
import {
  type BrowserSubscription,
  deleteSubscription,
  findSubscription,
} from './push-subscriptions.queries.js';
import { type VapidKeys, vapidKeys, vapidSubject } from './vapid.js';

const MAX_SECONDS = 28 * 24 * 3600;

/** Sends to browsers through the push services of their vendors, encrypted for the browser. */
@Injectable()
export class PushSender implements ChannelSender {
  private readonly subject: string;

  constructor(
    private readonly database: Database,
    private readonly http: OutboundHttp,
    private readonly box: SecretBox,
    @Inject(CONFIG) config: WorkerConfig,
  ) {
    this.subject = vapidSubject(config);
  }

  async send(item: OutboundDelivery, signal: AbortSignal): Promise<SendOutcome> {
    const { target_id } = item.delivery;
    const { keys, subscription } = await this.inOrganization(item, async (tx) => ({
      keys: await vapidKeys(tx, this.box),
      subscription: await findSubscription(tx, item.recipient.user_id, target_id),
    }));
    if (!subscription) return { status: 'cancelled', reason: 'subscription_removed' };
    const { endpoint, headers, body } = this.encrypt(item, subscription, keys);
    const response = await this.http.post(endpoint, { headers, body }, signal);
    const isGone = [404, 410].includes(response.status);
    if (isGone) await this.inOrganization(item, (tx) => deleteSubscription(tx, target_id));
    return outcomeOf(response);
  }

  private encrypt(item: OutboundDelivery, subscription: BrowserSubscription, vapidDetails: VapidKeys) {
    const { aggregation_id, expires_at, priority } = item.notification;
    const now = item.delivery.claimed_at.getTime();
    const secondsLeft = expires_at ? Math.ceil((expires_at.getTime() - now) / 1000) : Infinity;
    const { headers, ...details } = webPush.generateRequestDetails(subscription, pushPayload(item), {
      vapidDetails: { ...vapidDetails, subject: this.subject },
      TTL: Math.max(0, Math.min(secondsLeft, MAX_SECONDS)),
      urgency: priority === 'urgent' ? 'high' : 'normal',
      // A browser that was offline gets only the newest notification of a topic. A topic has at most 32 characters.
      ...(aggregation_id && { topic: aggregation_id.replaceAll('-', '') }),
    });
    return { ...details, headers: asTexts(headers) };
  }

  private inOrganization<T>(
    { organization }: OutboundDelivery,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    return this.database.organizationTransaction(organization.id, work);
  }
}

const asTexts = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

function outcomeOf(response: HttpResponse): SendOutcome {
  const { status } = response;
  if (status >= 200 && status < 300) return { status: 'sent' };
  if (status === 404 || status === 410) {
    return { status: 'cancelled', reason: 'browser_unsubscribed' };
  }
  const error = `The push service responded with ${status}.`;
  if (status === TOO_MANY_REQUESTS || status >= 500) return retryOutcome(response, error, true);
  return { status: 'failed', error };
}
