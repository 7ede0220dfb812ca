import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkerConfig } from '#config';
import { Database } from '#database';
import { type PersonCaller } from '#identity';
import { invalidField } from '#problem';
import { SecretBox } from '#secrets';
import { OutboundHttp } from '#outbound';
import {
  type BrowserSubscription,
  type ShownSubscription,
  deleteByEndpoint,
  dropOldest,
  listSubscriptions,
  saveSubscription,
} from './push-subscriptions.queries.js';
import { vapidKeys } from './vapid.js';

/** More than anybody has browsers. Older subscriptions are abandoned ones. */
const MAX_SUBSCRIPTIONS = 20;

/** The browsers that receive a person's notifications. */
@Injectable()
export class PushSubscriptionsService {
  constructor(
    private readonly database: Database,
    private readonly http: OutboundHttp,
    private readonly box: SecretBox,
    @Inject(CONFIG) private readonly config: WorkerConfig,
  ) {}

  /** Includes the key of the organization, which browsers need to subscribe. */
  list(caller: PersonCaller): Promise<{ publicKey: string; subscriptions: ShownSubscription[] }> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const [{ publicKey }, subscriptions] = await Promise.all([
        vapidKeys(tx, this.box),
        listSubscriptions(tx, caller.userId),
      ]);
      return { publicKey, subscriptions };
    });
  }

  /** Requires the organization-wide scope, because the browser may belong to somebody else until now. */
  put(
    caller: PersonCaller,
    subscription: BrowserSubscription,
  ): Promise<ShownSubscription & { created: boolean }> {
    this.assertReachable(subscription.endpoint);
    return this.database.organizationTransaction(caller, async (tx) => {
      await tx.lock(`push subscriptions of ${caller.userId}`);
      const saved = await saveSubscription(tx, caller.userId, subscription);
      if (saved.created) await dropOldest(tx, caller.userId, MAX_SUBSCRIPTIONS);
      return saved;
    });
  }

  async remove(caller: PersonCaller, endpoint: string): Promise<void> {
    await this.database.tenantTransaction(caller, (tx) => deleteByEndpoint(tx, caller.userId, endpoint));
  }

  private assertReachable(endpoint: string): void {
    const objection = this.http.objectionTo(endpoint) ?? this.objectionToPlain(endpoint);
    if (objection) throw invalidField('endpoint', objection);
  }

  /** Push services of browser vendors all use https. In development they may not. */
  private objectionToPlain(endpoint: string): string | undefined {
    const isPlain = new URL(endpoint).protocol === 'http:' && !this.config.webhookAllowPrivate;
    return isPlain ? 'must begin with https://' : undefined;
  }
}
