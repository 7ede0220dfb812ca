import type { QueueName } from './queue-scan.queries.js';

/** How the slots of a queue are divided. */
export interface Share {
  /** How many at the same time. */
  total: number;
  /** How many of them that are not urgent: the rest is kept free for urgent ones. */
  normal: number;
  /** How many of one organization, whether or not others wait. */
  perOrganization: number;
}

/**
 * Mail of all organizations goes through one server, so one may use most of the slots. The addresses of push and
 * webhooks are chosen by organizations and browsers and may all hang, so one may use a quarter.
 */
const ORGANIZATION_SHARE: Record<QueueName, number> = {
  email: 2 / 3,
  digest: 2 / 3,
  web_push: 1 / 4,
  webhook: 1 / 4,
};

export function shareOf(queue: QueueName, total: number): Share {
  const reserved = queue === 'digest' || total === 1 ? 0 : total < 4 ? 1 : 2;
  const normal = total - reserved;
  return {
    total,
    normal,
    perOrganization: Math.max(1, Math.floor(normal * ORGANIZATION_SHARE[queue])),
  };
}
