import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { WHOLE_ORGANIZATION } from '#identity';
import { type HttpAnswer, OutgoingHttp } from './outgoing-http.js';
import type { Carrier, Outcome, Parcel } from './parcel.js';
import { disableGone, findTarget } from './webhook-endpoints.repository.js';
import { createdMessage, signed } from './webhook-message.js';

/** Carries to the endpoints of organizations, by the rules of Standard Webhooks. */
@Injectable()
export class WebhookCarrier implements Carrier {
  constructor(
    private readonly database: Database,
    private readonly http: OutgoingHttp,
  ) {}

  async send(parcel: Parcel, signal: AbortSignal): Promise<Outcome> {
    const endpointId = parcel.delivery.target_id;
    const target = await this.inOrganization(parcel, (tx) => findTarget(tx, endpointId));
    if (!target) return { status: 'cancelled', error: 'The endpoint was deleted.' };
    if (target.disabled_at) return { status: 'cancelled', error: 'The endpoint is disabled.' };
    const content = signed(createdMessage(parcel), target, parcel.delivery.claimed_at);
    const answer = await this.http.post(target.url, content, signal);
    if (answer.status !== GONE) return outcomeOf(answer);
    await this.inOrganization(parcel, (tx) => disableGone(tx, endpointId, target.url));
    return { status: 'failed', error: 'It answered 410 Gone, so the endpoint was disabled.' };
  }

  private inOrganization<T>({ organization }: Parcel, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.tenantTransaction(
      { organizationId: organization.id, userId: WHOLE_ORGANIZATION },
      work,
    );
  }
}

const GONE = 410;
const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;

/** A redirect is a failure too: to follow it would tell somebody whom the organization has not named. */
function outcomeOf({ status, retryAfterSeconds }: HttpAnswer): Outcome {
  if (isSuccess(status)) return { status: 'sent' };
  const isHeeded = status === TOO_MANY_REQUESTS || status === UNAVAILABLE;
  return {
    status: 'retry',
    error: `It answered ${status}.`,
    ...(isHeeded && { afterSeconds: retryAfterSeconds }),
  };
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;
