import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { OrganizationLeases } from '../../libs/realtime/organization-leases.js';
import type { PresenceState, SavedLeases } from '../../libs/realtime/presence.queries.js';

let saved: Record<string, PresenceState>[];
let isOn: boolean;
let shown: string[][];
let leases: OrganizationLeases;
const [phone, laptop] = [{}, {}];

const save = vi.fn(async (states: Map<string, PresenceState>): Promise<SavedLeases> => {
  saved.push(Object.fromEntries(states));
  const leased = [...states].filter(([, state]) => isOn && state !== 'offline').map(([userId]) => userId);
  return { isOn, leased };
});

beforeEach(() => {
  [saved, shown, isOn] = [[], [], true];
  save.mockClear();
  leases = new OrganizationLeases(save, (userIds) => shown.push(userIds), new AbortController().signal);
});

const expectSaved = (...states: Record<string, PresenceState>[]) =>
  expect.poll(() => saved, { interval: 5 }).toEqual(states);

describe('the leases of an organization', () => {
  it('are those of people with any connection, written together and only when their state changes', async () => {
    leases.set('ann', phone, 'online');
    leases.set('ann', laptop, 'away');
    leases.set('bob', phone, 'away');
    await expectSaved({ ann: 'online', bob: 'away' });
    expect([leases.count, shown]).toEqual([2, [['ann', 'bob']]]);
    leases.set('ann', laptop);
    leases.set('bob', phone, 'online');
    await expectSaved({ ann: 'online', bob: 'away' }, { bob: 'online' });
    leases.set('ann', phone);
    leases.set('bob', phone);
    await expect.poll(() => saved.at(-1)).toEqual({ ann: 'offline', bob: 'offline' });
    await expect.poll(() => leases.isEmpty).toBe(true);
    expect(leases.count).toBe(0);
  });

  it('stay as they are when the process stops', async () => {
    leases.set('ann', phone, 'online');
    await expectSaved({ ann: 'online' });
    leases.detach('ann', phone);
    leases.set('ann', phone);
    await delay(150);
    expect(saved).toHaveLength(1);
  });

  it('are not written while the organization shows no presence, until its settings change', async () => {
    isOn = false;
    leases.set('ann', phone, 'online');
    await expectSaved({ ann: 'online' });
    leases.set('bob', phone, 'online');
    leases.set('ann', phone);
    await delay(150);
    expect([saved.length, shown]).toEqual([1, []]);
    isOn = true;
    leases.rewrite(null);
    await expectSaved({ ann: 'online' }, { bob: 'online' });
    expect(shown).toEqual([['bob']]);
  });

  it('are written again after a failure', async () => {
    leases.retryMilliseconds = 10;
    save.mockRejectedValueOnce(new Error('no connection'));
    leases.set('ann', phone, 'online');
    await expectSaved({ ann: 'online' });
    expect(save).toHaveBeenCalledTimes(2);
  });
});
