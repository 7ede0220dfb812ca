import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../libs/realtime/announcement.js';

const announcement = (organizations: number, people: number) =>
  new Map(
    Array.from({ length: organizations }, () => [
      uuid(),
      new Set(Array.from({ length: people }, () => uuid())),
    ]),
  );

/** What NOTIFY does not take it refuses with an error. */
const LIMIT = 8000;

describe('an announcement', () => {
  it('names people, as long as these are few', () => {
    const said = announcement(3, 50);
    expect(decode(encode(said))).toEqual([...said].map(([id, people]) => [id, [...people]]));
  });

  it('of many people names their organizations', () => {
    const said = announcement(2, 300);
    expect(decode(encode(said))).toEqual([...said.keys()].map((id) => [id, null]));
    expect(encode(said).length).toBeLessThan(LIMIT);
  });

  it('of many organizations is for everybody', () => {
    const said = announcement(1000, 1);
    expect(decode(encode(said))).toBeUndefined();
    expect(encode(said).length).toBeLessThan(LIMIT);
  });

  it('is never too long, however many there are', () => {
    for (let people = 1; people < 260; people++)
      expect(Buffer.byteLength(encode(announcement(1, people)))).toBeLessThan(LIMIT);
  });
});
