import { assert, boolean, constantFrom, integer, option, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALLOWS, type ContactFacts, type ContactRefusal, contactRefusal } from '#messaging';

const NOW = new Date('2026-11-20T09:30:00.000Z');
const DAY = 24 * 60 * 60 * 1000;

const anyReach = record<ContactFacts>({
  removed: boolean(),
  blockedByMe: boolean(),
  blocksMe: boolean(),
  acceptsMessagesFrom: constantFrom('everyone', 'known', 'nobody'),
  known: boolean(),
  rule: record({
    allows: constantFrom(...ALLOWS),
    replyWindowDays: option(integer({ min: 1, max: 9 })),
  }),
  wroteAt: option(
    // Around the ends of windows of so many days.
    tuple(integer({ min: 1, max: 9 }), constantFrom(-1, 0, 1)).map(
      ([days, milliseconds]) => new Date(NOW.getTime() - days * DAY + milliseconds),
    ),
  ),
});

/** Every reason there is to refuse, worded as in design.md; the first that holds is the one that is told. */
const REASONS: [refusal: ContactRefusal, holds: (reach: ContactFacts) => boolean][] = [
  ['not_found', ({ removed }) => removed],
  ['blocked_by_you', ({ blockedByMe }) => blockedByMe],
  ['role_not_allowed', ({ rule }) => rule.allows === 'deny'],
  ['role_not_allowed', ({ rule, wroteAt }) => rule.allows === 'reply' && wroteAt === null],
  [
    'role_not_allowed',
    ({ rule, wroteAt }) => rule.allows === 'reply' && isOver(rule.replyWindowDays, wroteAt),
  ],
  ['recipient_unavailable', ({ blocksMe }) => blocksMe],
  ['recipient_unavailable', ({ acceptsMessagesFrom }) => acceptsMessagesFrom === 'nobody'],
  ['recipient_unavailable', ({ acceptsMessagesFrom, known }) => acceptsMessagesFrom === 'known' && !known],
];

const isOver = (days: number | null, wroteAt: Date | null): boolean =>
  days !== null && wroteAt !== null && new Date(wroteAt.getTime() + days * DAY) < NOW;

const oracle = (reach: ContactFacts): ContactRefusal | null =>
  REASONS.find(([, holds]) => holds(reach))?.[0] ?? null;

function always(holds: (reach: ContactFacts) => void): void {
  const holding = property(anyReach, (reach) => {
    holds(reach);
  });
  assert(holding, { numRuns: 10_000 });
}

describe('the decision on who may write to whom', () => {
  it('is the first reason that holds, for any two people', () => {
    always((reach) => expect(contactRefusal(reach, NOW)).toBe(oracle(reach)));
  });

  it('is the same whether they block me or take messages of nobody', () => {
    always((reach) => {
      const blocking = contactRefusal({ ...reach, blocksMe: true }, NOW);
      const closed = contactRefusal({ ...reach, acceptsMessagesFrom: 'nobody' }, NOW);
      expect(blocking).toBe(closed);
    });
  });

  it('never turns to yes by a block, by a stricter setting or by time that goes by', () => {
    always((reach) => {
      if (contactRefusal(reach, NOW) === null) return;
      const later = new Date(NOW.getTime() + DAY);
      const stricter: ContactFacts[] = [
        { ...reach, blocksMe: true },
        { ...reach, blockedByMe: true },
        { ...reach, acceptsMessagesFrom: 'nobody' },
        { ...reach, rule: { ...reach.rule, allows: 'deny' } },
      ];
      expect(contactRefusal(reach, later)).not.toBeNull();
      for (const one of stricter) expect(contactRefusal(one, NOW)).not.toBeNull();
    });
  });
});
