import type { MigrationInterface, QueryRunner } from 'typeorm';
import { backfill } from './backfill.js';
import { createIndexConcurrently, dropIndexConcurrently } from './concurrently.js';

/** Batch by batch, so that no member is locked for long; and the index that lists the members of a role in order. */
export class FillMemberWords1763640034004 implements MigrationInterface {
  name = 'FillMemberWords1763640034004';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(runner, 'members_by_role', 'members (organization_id, role, username_key)');
    await dropIndexConcurrently(runner, 'members_role');
    // A member who is changed meanwhile waits, and then has the rows of their new name, which replace these.
    await backfill<MemberRow>(runner, {
      lock: `SELECT user_id AS key, username, display_name FROM members
        WHERE user_id > $1 AND removed_at IS NULL ORDER BY user_id LIMIT $2 FOR NO KEY UPDATE`,
      change: (members) => insertWords(runner, members),
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await createIndexConcurrently(runner, 'members_role', 'members (organization_id, role)');
    await dropIndexConcurrently(runner, 'members_by_role');
  }
}

interface MemberRow {
  key: string;
  username: string;
  display_name: string;
}

async function insertWords(runner: QueryRunner, members: MemberRow[]): Promise<void> {
  const rows = members.flatMap(({ key, username, display_name }) =>
    searchRowsOf(username, display_name).map((row) => ({ ...row, user_id: key })),
  );
  await runner.query(
    `INSERT INTO member_words (organization_id, prefix, username_key, user_id, words, role, profile_visibility)
     SELECT organization_id, prefix, username_key, user_id, words, role, profile_visibility
     FROM jsonb_to_recordset($1) AS given (user_id uuid, prefix text, words text)
     JOIN members USING (user_id)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows)],
  );
}

const PREFIX_LENGTH = 3;
const MAX_WORDS = 20;
const SEPARATORS = /[^\p{L}\p{N}\p{So}]+/u;

/** The rows by which a member is found, as search-words.ts made them in the version of this migration. */
function searchRowsOf(...names: string[]): { prefix: string; words: string }[] {
  const rows = new Map<string, string>();
  for (const word of new Set(names.flatMap(wordsOf))) {
    const characters = [...word];
    for (let length = 1; length <= Math.min(PREFIX_LENGTH, characters.length); length++) {
      const prefix = characters.slice(0, length).join('');
      rows.set(prefix, (rows.get(prefix) ?? '') + (length === PREFIX_LENGTH ? ` ${word}` : ''));
    }
  }
  return [...rows].map(([prefix, words]) => ({ prefix, words }));
}

const wordsOf = (name: string): string[] =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .split(SEPARATORS)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS);
