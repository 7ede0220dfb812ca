import { Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { SecretBox } from '#secrets';
import {
  type HttpResponse,
  OutboundHttp,
  type ChannelSender,
  type SendOutcome,
  type OutboundDelivery,
  OutboundError,
  retryOutcome,
} from '#outbound';
import { createdMessage, signed } from './webhook-message.js';
import { decryptSecrets, placeOfWebhookSecret } from './webhook-secrets.js';
import {
  type Target,
  disableGone,
  findTarget,
  recordFailure,
  recordSuccess,
} from './webhook-target.queries.js';

/** Sends to webhook endpoints as Standard Webhooks defines. */
@Injectable()
export class WebhookSender implements ChannelSender {
  constructor(
    private readonly database: Database,
    private readonly http: OutboundHttp,
    private readonly box: SecretBox,
  ) {}

  async send(item: OutboundDelivery, signal: AbortSignal): Promise<SendOutcome> {
    const target = await this.inOrganization(item, (tx) => findTarget(tx, item.delivery.target_id));
    if (!target) return { status: 'cancelled', reason: 'endpoint_deleted' };
    if (target.disabled_at) return { status: 'cancelled', reason: 'endpoint_disabled' };
    const secrets = decryptSecrets(this.box, target, placeOfWebhookSecret(item.organization.id, target.id));
    const message = createdMessage(item, { mayReadMessages: target.may_read_messages });
    const outcome = await this.post(target, signed(message, secrets, item.delivery.claimed_at), signal);
    await this.record(item, target, outcome);
    return outcome;
  }

  private async post(
    target: Target,
    content: ReturnType<typeof signed>,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    try {
      return outcomeOf(await this.http.post(target.url, content, signal));
    } catch (error) {
      // Anything else, such as a stop of the worker, is not a failure of the endpoint.
      if (!(error instanceof OutboundError)) throw error;
      return { status: 'retry', error: error.message };
    }
  }

  /** Opens a transaction only if the state of the endpoint may change, so not for repeated successes. */
  private async record(item: OutboundDelivery, target: Target, { status }: SendOutcome): Promise<void> {
    if (status === 'sent' && target.failing_since === null) return;
    await this.inOrganization(item, (tx) => {
      if (status === 'failed') return disableGone(tx, target);
      return status === 'sent' ? recordSuccess(tx, target) : recordFailure(tx, target);
    });
  }

  private inOrganization<T>(
    { organization }: OutboundDelivery,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    return this.database.organizationTransaction(organization.id, work);
  }
}

const GONE = 410;
const UNAVAILABLE = 503;

/** A redirect is a failure too: following it would send data to a receiver that the organization has not chosen. */
function outcomeOf(response: HttpResponse): SendOutcome {
  const { status } = response;
  if (isSuccess(status)) return { status: 'sent' };
  if (status === GONE) {
    return { status: 'failed', error: 'It responded with 410 Gone, so the endpoint was disabled.' };
  }
  return retryOutcome(response, `It responded with ${status}.`, status === UNAVAILABLE);
}

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;
