import type { MigrationInterface, QueryRunner } from 'typeorm';
import { searchRowsOf } from '#identity';
import { withoutForcedPolicies } from './backfill.js';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

const MEMBERS_PER_BATCH = 2000;

/** Batch by batch, so that no member is locked for long; and the index that lists the members of a role in order. */
export class FillMemberWords1763640034004 implements MigrationInterface {
  name = 'FillMemberWords1763640034004';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(runner, 'members_by_role', 'members (organization_id, role, username_key)');
    await dropIndexConcurrently(runner, 'members_role');
    await withoutForcedPolicies(runner, ['members', 'member_words'], async () => {
      let last: Key | undefined = { organization_id: NIL, user_id: NIL };
      while (last) last = await fillAfter(runner, last);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX members_role ON members (organization_id, role)');
    await runner.query('DROP INDEX members_by_role');
  }
}

interface Key {
  organization_id: string;
  user_id: string;
}

type MemberRow = Key & { username: string; display_name: string };

const NIL = '00000000-0000-0000-0000-000000000000';

/** The last member of the batch, or undefined where none is left. Whoever changed meanwhile has rows already. */
async function fillAfter(runner: QueryRunner, after: Key): Promise<Key | undefined> {
  const members = (await runner.query(
    `SELECT organization_id, user_id, username, display_name FROM members
     WHERE (organization_id, user_id) > ($1, $2) AND removed_at IS NULL
     ORDER BY organization_id, user_id LIMIT ${MEMBERS_PER_BATCH}`,
    [after.organization_id, after.user_id],
  )) as MemberRow[];
  const rows = members.flatMap(({ organization_id, user_id, username, display_name }) =>
    searchRowsOf(username, display_name).map((row) => ({
      ...row,
      organization_id,
      user_id,
      username,
      display_name,
    })),
  );
  await runner.query(
    `INSERT INTO member_words (organization_id, prefix, username_key, user_id, words, role, profile_visibility)
     SELECT organization_id, prefix, username_key, user_id, words, role, profile_visibility
     FROM jsonb_to_recordset($1) AS given (organization_id uuid, user_id uuid, prefix text, words text, username text,
       display_name text)
     JOIN members USING (organization_id, user_id, username, display_name)
     WHERE removed_at IS NULL
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
  return members.at(-1);
}
