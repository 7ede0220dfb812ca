import { CHANNELS, type Channel } from './channels.js';
import { type Decision, type Decisions, SOURCES, type Source } from './resolve.js';

/**
 * A decision as each notification stores it. Source and lock follow from the rule, and a delay is rare: with them, the
 * decisions took two thirds of the row.
 */
export interface StoredDecision extends Pick<Decision, 'value' | 'rule'> {
  /** A string once it was read from JSON. */
  delayed_until?: Date | string | null;
  delayed_by?: string | null;
}

export type StoredDecisions = Record<Channel, StoredDecision>;

export const storedDecisions = (decisions: Decisions): StoredDecisions =>
  Object.fromEntries(
    CHANNELS.map((channel) => {
      const { value, rule, delayed_until, delayed_by } = decisions[channel];
      return [channel, { value, rule, ...(delayed_until && { delayed_until, delayed_by }) }];
    }),
  ) as StoredDecisions;

/** Who made the choice that a rule names. */
export const sourceOf = (rule: string): Source =>
  SOURCES.find((source) => rule.startsWith(`${source}.`)) ?? 'type';
