import type { QueueName } from './queue-scan.queries.js';

/** How the slots of a queue are shared. */
export interface Share {
  /** The number of concurrent sends. */
  total: number;
  /** How many of them may be normal. The rest is reserved for urgent ones. */
  normal: number;
  /** How many one organization may use, whether or not others wait. */
  perOrganization: number;
}

/**
 * All organizations share one mail server, so one may use most slots. Addresses of web push and webhooks are chosen
 * by people and organizations and may all hang, so one organization may use a quarter.
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
