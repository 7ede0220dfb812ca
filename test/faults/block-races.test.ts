import { beforeAll, describe, expect, it } from 'vitest';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { ACTS } from '../messaging/acts.js';
import { createPeople } from '../messaging/crowd.js';
import { wholeThread } from '../messaging/rest.js';
import { codesOf, expectNoDrift, serverErrors, startGroup, times } from '../messaging/concurrency.js';
import { scaled } from './figures.js';

const api = useApi();

const RACES = scaled(240, 1000);
const OTHER_RACES = scaled(40, 100);

/** Counts that are wrong once stay wrong, so not every race needs to be checked. */
const CHECKED_EVERY = 10;

let organization: TestOrganization;

beforeAll(async () => {
  organization = await api.build.organization();
});

const people = (count: number) => createPeople(api, organization, count);

describe('a block against sends', () => {
  it('refuses every send that starts after its response', async () => {
    const lanes = 8;
    await times(lanes, async () => {
      const [ann, bob] = await people(2);
      const nothing = { other: ann!, threadId: '', messageId: '', content: 'Hello' };
      const target = { ...nothing, threadId: (await ACTS.open(bob!, nothing)).body.id as string };
      let accepted = 0;
      for (let race = 0; race < RACES / lanes; race++) {
        const before = [ACTS.post(bob!, target), ACTS.sendTo(bob!, target)];
        const blocked = await ACTS.block(ann!, { ...target, other: bob! });
        expect(blocked.status).toBe(204);
        const after = [ACTS.post(bob!, target), ACTS.sendTo(bob!, target)];
        expect(codesOf(await Promise.all(after))).toEqual(['403 recipient_unavailable']);
        const codes = (await Promise.all(before)).map(({ status }) => status);
        expect([201, 403]).toEqual(expect.arrayContaining(codes));
        accepted += codes.filter((code) => code === 201).length;
        const isChecked = race % CHECKED_EVERY === 0;
        if (isChecked) await expectNoDrift(api, organization, [ann!, bob!]);
        await ACTS.unblock(ann!, { ...target, other: bob! });
        if (isChecked) await expectNoDrift(api, organization, [ann!, bob!]);
      }
      await expectNoDrift(api, organization, [ann!, bob!]);
      expect((await wholeThread(bob!.client, target.threadId))!.messages).toHaveLength(accepted);
    });
  });

  it('keeps a concurrent first message out of the counts', async () => {
    for (let race = 0; race < OTHER_RACES; race++) {
      const [ann, bob] = await people(2);
      const target = { other: ann!, threadId: '', messageId: '', content: 'Hello' };
      const [sent] = await Promise.all([
        ACTS.sendTo(bob!, target),
        ACTS.block(ann!, { ...target, other: bob! }),
      ]);
      expect([201, 403]).toContain(sent.status);
      await expectNoDrift(api, organization, [ann!, bob!]);
      expect((await ACTS.unblock(ann!, { ...target, other: bob! })).status).toBe(204);
      await expectNoDrift(api, organization, [ann!, bob!]);
    }
  });
});

describe('a person who is removed from a group and added again', () => {
  it('gets consistent responses and exact counts during concurrent requests', async () => {
    const lanes = 4;
    await times(lanes, async () => {
      const [ann, bob] = await people(2);
      const threadId = await startGroup([ann!, bob!]);
      const about = (messageId: string) => ({
        other: bob!,
        threadId,
        messageId,
        content: `${messageId} edited`,
      });
      for (let race = 0; race < OTHER_RACES / lanes; race++) {
        const { body: theirs } = await ACTS.post(ann!, about(''));
        const { body: own } = await ACTS.post(bob!, about(''));
        const [moved, ...answers] = await Promise.all([
          ACTS.remove(ann!, about('')).then(() => ACTS.add(ann!, about(''))),
          ACTS.readOne(bob!, about(theirs.id)),
          ACTS.readUpTo(bob!, about(theirs.id)),
          ACTS.hide(bob!, about(theirs.id)),
          ACTS.hide(bob!, about(own.id)),
          ACTS.edit(bob!, about(own.id)),
          ACTS.retract(bob!, about(own.id)),
          ACTS.post(bob!, about('')),
        ]);
        expect(moved.status).toBe(201);
        expect(serverErrors(answers)).toEqual([]);
        await expectNoDrift(api, organization, [ann!, bob!]);
      }
    });
  });
});
