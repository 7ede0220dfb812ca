import { beforeEach, expect } from 'vitest';
import type { Client, TestApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';
import type { Browser } from './browser.js';
import type { PushService } from './push-service.js';

interface DeliveryRow {
  status: string;
  attempts: number;
  last_error: string | null;
  reason: string | null;
  due_in: number;
}

export const SUBSCRIPTIONS = 'preferences/push-subscriptions';

export const NOTICE = { type: 'APPOINTMENT', title: 'Tomorrow at nine', body: 'Do not be late.' };

/** An organization with two members, of whom Ann has subscribed a browser to web push. */
export class Pushing {
  organization!: TestOrganization;
  ann!: TestMember;
  bob!: TestMember;
  asAnn!: Client;
  asBob!: Client;
  browser!: Browser;
  private service!: Client;

  constructor(
    private readonly api: TestApi,
    private readonly push: PushService,
  ) {}

  async build(): Promise<void> {
    this.organization = await this.api.build.organization();
    const member = () => this.api.build.member({ organization: this.organization });
    [this.ann, this.bob] = await Promise.all([member(), member()]);
    [this.asAnn, this.asBob] = await Promise.all([this.api.as(this.ann), this.api.as(this.bob)]);
    this.service = await this.api.build.service(this.organization, ['notifications:send']);
    this.browser = this.push.browser();
    await this.asAnn.put(SUBSCRIPTIONS, this.browser.subscription);
  }

  /** Notifies Ann; the id of the request. */
  async notify(given: object = {}): Promise<string> {
    const request = { to: { users: [this.ann.id] }, ...NOTICE, ...given };
    const { status, body } = await this.service.post('notifications', request);
    if (status !== 202) throw new Error(JSON.stringify(body));
    return body.id as string;
  }

  /** The web push deliveries of the organization, oldest first. */
  deliveries = () =>
    this.api.database.query<DeliveryRow & Record<string, unknown>>(
      `SELECT status, attempts, last_error, reason, extract(epoch FROM due_at - now())::float8 AS due_in FROM deliveries
       WHERE organization_id = $1 AND channel = 'web_push' ORDER BY id`,
      [this.organization.id],
    );

  expectDeliveries = (expected: Partial<DeliveryRow>[]) =>
    expect.poll(this.deliveries, { timeout: 10_000, interval: 10 }).toMatchObject(expected);

  /** Makes all waiting deliveries due, again and again, until they look like this. */
  expectDeliveriesOnceDue = (expected: Partial<DeliveryRow>[]) =>
    expect
      .poll(
        async () => {
          await this.api.database.query(`UPDATE deliveries SET due_at = now() WHERE status = 'waiting'`);
          return this.deliveries();
        },
        { timeout: 10_000, interval: 50 },
      )
      .toMatchObject(expected);
}

export function usePushing(api: TestApi, push: PushService): Pushing {
  const pushing = new Pushing(api, push);
  beforeEach(() => pushing.build());
  return pushing;
}
