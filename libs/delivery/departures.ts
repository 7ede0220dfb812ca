import { Injectable } from '@nestjs/common';
import { v5 as uuidOf } from 'uuid';
import { Jobs, type NewJob } from '#database';
import type { SentChannel } from './entities.js';
import type { Waiting } from './planning.repository.js';

export const DIGESTS_QUEUE = 'digest';

export interface DeliveryJob {
  organizationId: string;
  deliveryId: string;
}

export interface DigestJob {
  organizationId: string;
  userId: string;
}

/**
 * Has waiting deliveries come up at their time. A job has an id made of what it is for: so whatever cannot know
 * whether it has added one, since it is done again after a crash, adds it.
 */
@Injectable()
export class Departures {
  constructor(private readonly jobs: Jobs) {}

  async schedule(organizationId: string, waiting: Waiting[]): Promise<void> {
    const queues = new Map<string, NewJob[]>();
    for (const delivery of waiting) {
      const queue = delivery.digest ? DIGESTS_QUEUE : queueOf(delivery.channel);
      queues.set(queue, [...(queues.get(queue) ?? []), jobOf(organizationId, delivery)]);
    }
    for (const [queue, jobs] of queues) await this.jobs.add(queue, jobs);
  }
}

export const queueOf = (channel: SentChannel): string => channel;

/**
 * A digest is one job for all that is gathered until its time. What is too late for that, since it came just then or
 * was too much for one mail, has a job by itself, which takes along all that is due.
 */
function jobOf(
  organizationId: string,
  { id, user_id, target_id, digest, due_at, attempts }: Waiting,
): NewJob {
  const time = due_at.toISOString();
  const ownId = uuidOf(`${attempts} ${time}`, id);
  return digest
    ? {
        id: due_at > new Date() ? uuidOf(`digest ${organizationId} ${time}`, user_id) : ownId,
        data: { organizationId, userId: user_id } satisfies DigestJob,
        at: due_at,
      }
    : {
        id: ownId,
        data: { organizationId, deliveryId: id } satisfies DeliveryJob,
        at: due_at,
        group: target_id,
      };
}
