import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { type UserIdRange, decode, encode } from '../../libs/realtime/change-notice.js';

const announcement = (organizations: number, spans: number) =>
  new Map(
    Array.from({ length: organizations }, () => [
      uuid(),
      Array.from({ length: spans }, (): UserIdRange => [uuid(), uuid()]),
    ]),
  );

/** What NOTIFY does not take it refuses with an error. */
const LIMIT = 8000;

describe('an announcement', () => {
  it('names spans of people, as long as these are few', () => {
    const said = announcement(3, 25);
    expect(decode(encode(said))).toEqual([...said]);
  });

  it('of many spans names their organizations', () => {
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
    for (let spans = 1; spans < 260; spans++)
      expect(Buffer.byteLength(encode(announcement(1, spans)))).toBeLessThan(LIMIT);
  });
});
