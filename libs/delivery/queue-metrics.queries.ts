import type { RelayPool } from '#database';
import { SENT_CHANNELS } from '#outbound';
import { IN_CHANNEL, IN_DIGEST } from './entities.js';
import type { QueueName } from './queue-scan.queries.js';

/** Counting more would read a whole backlog each time that Prometheus asks. */
export const MAX_COUNTED = 1000;

export interface QueueFigures {
  queue: QueueName;
  due: number;
  oldest_due_seconds: number;
}

const figuresOf = (queue: QueueName, condition: string): string => `
  SELECT '${queue}' AS queue, count(*)::integer AS due,
         coalesce(extract(epoch FROM now() - min(due_at)), 0)::float8 AS oldest_due_seconds
  FROM (
    SELECT due_at FROM deliveries
    WHERE ${condition} AND due_at <= now() AND (leased_until IS NULL OR leased_until <= now())
    ORDER BY due_at LIMIT ${MAX_COUNTED}) AS due`;

const FIGURES = [
  ...SENT_CHANNELS.map((channel) => figuresOf(channel, `${IN_CHANNEL} AND channel = '${channel}'`)),
  figuresOf('digest', IN_DIGEST),
].join(' UNION ALL ');

export const findQueueFigures = (relay: RelayPool): Promise<QueueFigures[]> =>
  relay.query<QueueFigures>(FIGURES);
