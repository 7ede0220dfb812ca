import { assert, boolean, constantFrom, integer, option, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALLOWS, type ContactFacts, type ContactRefusal, contactRefusal } from '#messaging';

const NOW = new Date('2026-11-20T09:30:00.000Z');
const DAY = 24 * 60 * 60 * 1000;

const anyFacts = record<ContactFacts>({
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
    // Around the ends of reply windows.
    tuple(integer({ min: 1, max: 9 }), constantFrom(-1, 0, 1)).map(
      ([days, milliseconds]) => new Date(NOW.getTime() - days * DAY + milliseconds),
    ),
  ),
});

/** Every reason to refuse, in order: the first that holds is returned. */
const REASONS: [refusal: ContactRefusal, holds: (facts: ContactFacts) => boolean][] = [
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

const oracle = (facts: ContactFacts): ContactRefusal | null =>
  REASONS.find(([, holds]) => holds(facts))?.[0] ?? null;

function always(holds: (facts: ContactFacts) => void): void {
  const holding = property(anyFacts, (facts) => {
    holds(facts);
  });
  assert(holding, { numRuns: 10_000 });
}

describe('the decision on who may write to whom', () => {
  it('is the first matching reason, for any two people', () => {
    always((facts) => expect(contactRefusal(facts, NOW)).toBe(oracle(facts)));
  });

  it('is the same for a block and for a person who accepts no messages', () => {
    always((facts) => {
      const blocking = contactRefusal({ ...facts, blocksMe: true }, NOW);
      const closed = contactRefusal({ ...facts, acceptsMessagesFrom: 'nobody' }, NOW);
      expect(blocking).toBe(closed);
    });
  });

  it('never becomes yes through a block, a stricter setting or time', () => {
    always((facts) => {
      if (contactRefusal(facts, NOW) === null) return;
      const later = new Date(NOW.getTime() + DAY);
      const stricter: ContactFacts[] = [
        { ...facts, blocksMe: true },
        { ...facts, blockedByMe: true },
        { ...facts, acceptsMessagesFrom: 'nobody' },
        { ...facts, rule: { ...facts.rule, allows: 'deny' } },
      ];
      expect(contactRefusal(facts, later)).not.toBeNull();
      for (const one of stricter) expect(contactRefusal(one, NOW)).not.toBeNull();
    });
  });
});
