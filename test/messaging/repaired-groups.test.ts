import { DataSource } from 'typeorm';
import { beforeEach, describe, expect, it } from 'vitest';
import { RepairGroups1763640033002 } from '../../migrations/1763640033002-repair-groups.js';
import { useApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';
import { type Person, person, startGroup } from '../support/people.js';
import { expectNoDrift } from './concurrency.js';
import { peopleOf } from './group-owners.js';

const api = useApi();

let organization: TestOrganization;
let ann: Person;
let ben: Person;
let cas: Person;

beforeEach(async () => {
  organization = await api.build.organization();
  const someone = () => person(api, organization);
  [ann, ben, cas] = [await someone(), await someone(), await someone()];
});

const people = (threadId: string) => peopleOf(api.database, threadId);

describe('the migration that repairs groups', () => {
  it('removes former members from groups and gives each group an owner', async () => {
    const [left, ownerless] = [await startGroup(ann, [ben]), await startGroup(ben, [cas])];
    await api.database.query(`SET session_replication_role = replica`);
    await api.database.query('UPDATE members SET removed_at = now(), role = NULL WHERE user_id = $1', [
      ann.id,
    ]);
    await api.database.query('UPDATE participants SET owner_since = NULL WHERE thread_id = $1', [ownerless]);
    await api.database.query(`SET session_replication_role = DEFAULT`);
    const options = { options: '-c search_path=tidings -c role=tidings_owner' };
    const owner = new DataSource({ type: 'postgres', url: api.database.url, extra: options });
    await owner.initialize();
    try {
      const runner = owner.createQueryRunner();
      const repair = new RepairGroups1763640033002();
      await repair.down(runner);
      await repair.up(runner);
      await runner.release();
    } finally {
      await owner.destroy();
    }
    expect(await people(left)).toEqual([{ user_id: ben.id, owns: true }]);
    expect((await people(ownerless)).filter(({ owns }) => owns)).toHaveLength(1);
    await expectNoDrift(api, organization, [ann, ben, cas]);
  });
});
