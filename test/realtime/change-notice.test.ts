import { v7 as uuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { type UserIdRange, decode, encode } from '../../libs/realtime/change-notice.js';

const notice = (organizations: number, ranges: number) =>
  new Map(
    Array.from({ length: organizations }, () => [
      uuid(),
      Array.from({ length: ranges }, (): UserIdRange => [uuid(), uuid()]),
    ]),
  );

/** NOTIFY refuses longer payloads with an error. */
const LIMIT = 8000;

describe('a change notice', () => {
  it('contains ranges of user ids if these are few', () => {
    const given = notice(3, 25);
    expect(decode(encode(given))).toEqual([...given]);
  });

  it('contains organizations instead of many ranges', () => {
    const given = notice(2, 300);
    expect(decode(encode(given))).toEqual([...given.keys()].map((id) => [id, null]));
    expect(encode(given).length).toBeLessThan(LIMIT);
  });

  it('is for everybody instead of many organizations', () => {
    const given = notice(1000, 1);
    expect(decode(encode(given))).toBeUndefined();
    expect(encode(given).length).toBeLessThan(LIMIT);
  });

  it('never exceeds the limit of NOTIFY', () => {
    for (let ranges = 1; ranges < 260; ranges++)
      expect(Buffer.byteLength(encode(notice(1, ranges)))).toBeLessThan(LIMIT);
  });
});
