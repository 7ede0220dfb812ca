import { CHANNELS, type Channel, type ChannelValue, type Priority, isInterrupting } from './channels.js';
import { type Delay, delayAt } from './delay.js';
import { type PreferenceDocument, cellsFor } from './document.js';
import type { Sources } from './sources.js';

/** Who made the deciding choice. */
export const SOURCES = ['type', 'organization', 'thread', 'person.organization', 'person.global'] as const;
export type Source = (typeof SOURCES)[number];

export interface Verdict {
  value: ChannelValue;
  source: Source;
  /** Whether the person cannot change it. */
  locked: boolean;
  /** The path of the deciding choice, or mandatory, thread.muted or type.default. */
  rule: string;
}

export interface Decision extends Verdict {
  /** Until when it waits, and because of which choice. null for at once, and if the channel is off. */
  delayed_until: Date | null;
  delayed_by: string | null;
}

export type Decisions = Record<Channel, Decision>;

export interface Circumstances {
  at: Date;
  priority?: Priority;
  /** Until when the person has muted the thread of the notification. */
  mutedUntil?: Date | null;
}

/** Decides what happens on each channel, for one person and one type, and by which rule. */
export function resolve(
  sources: Sources,
  { at, priority = 'normal', mutedUntil = null }: Circumstances,
): Decisions {
  const isMuted = mutedUntil !== null && mutedUntil > at;
  const delay = priority === 'urgent' ? null : delayAt(sources, at);
  return Object.fromEntries(
    CHANNELS.map((channel) => [channel, delayed(judge(sources, channel, isMuted), channel, delay)]),
  ) as Decisions;
}

/** The first matching rule. */
function judge(sources: Sources, channel: Channel, isMuted: boolean): Verdict {
  const { type, organization, person } = sources;
  if (type.mandatory_channels.includes(channel)) {
    return { value: type.default_channels[channel], source: 'type', locked: true, rule: 'mandatory' };
  }
  return (
    lockedOf(sources, channel) ??
    (isMuted ? MUTED : undefined) ??
    chosenIn('person.organization', person.organization, type.name, channel) ??
    chosenIn('person.global', person.global, type.name, channel) ??
    chosenIn('organization', organization, type.name, channel) ?? {
      value: type.default_channels[channel],
      source: 'type',
      locked: false,
      rule: 'type.default',
    }
  );
}

/** A muted thread is off on every channel: nothing is shown and nothing sent. */
const MUTED: Verdict = { value: 'off', source: 'thread', locked: false, rule: 'thread.muted' };

function lockedOf({ organization, type }: Sources, channel: Channel): Verdict | undefined {
  const cell = cellsFor(organization, type.name, channel).find(({ path }) =>
    organization.locked?.includes(path),
  );
  return (
    cell && {
      value: cell.value,
      source: 'organization',
      locked: true,
      rule: `organization.locked.${cell.path}`,
    }
  );
}

function chosenIn(
  source: Source,
  document: PreferenceDocument,
  type: string,
  channel: Channel,
): Verdict | undefined {
  const [cell] = cellsFor(document, type, channel);
  return cell && { value: cell.value, source, locked: false, rule: `${source}.${cell.path}` };
}

function delayed(verdict: Verdict, channel: Channel, delay: Delay | null): Decision {
  const waits = delay !== null && verdict.value !== 'off' && isInterrupting(channel);
  return {
    ...verdict,
    delayed_until: waits ? delay.until : null,
    delayed_by: waits ? delay.rule : null,
  };
}
