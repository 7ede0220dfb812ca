import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './rls.js';

/**
 * The directory is searched by the beginnings of words. Each row holds what a search filters and sorts by, so that a
 * page comes from one index: role, visibility and username are copies, kept by a trigger.
 */
export class CreateMemberWords1763640034003 implements MigrationInterface {
  name = 'CreateMemberWords1763640034003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE member_words (
        organization_id uuid NOT NULL,
        prefix text COLLATE "C" NOT NULL,
        username_key text NOT NULL,
        user_id uuid NOT NULL,
        words text COLLATE "C" NOT NULL,
        role text,
        profile_visibility text NOT NULL,
        CONSTRAINT member_words_pkey PRIMARY KEY (organization_id, prefix, username_key)
          INCLUDE (user_id, words, role, profile_visibility),
        CONSTRAINT member_words_member_fkey FOREIGN KEY (organization_id, user_id)
          REFERENCES members (organization_id, user_id) ON DELETE CASCADE
      )`);
    await runner.query('CREATE INDEX member_words_member ON member_words (organization_id, user_id)');
    await tenantTable(runner, 'member_words', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
    await runner.query(`
      CREATE FUNCTION keep_member_words() RETURNS trigger LANGUAGE plpgsql AS $function$
      BEGIN
        IF NEW.removed_at IS NOT NULL THEN
          DELETE FROM tidings.member_words
          WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id;
        ELSE
          UPDATE tidings.member_words
          SET username_key = NEW.username_key, role = NEW.role, profile_visibility = NEW.profile_visibility
          WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id;
        END IF;
        RETURN NULL;
      END $function$`);
    await runner.query(`
      CREATE TRIGGER keep_member_words
      AFTER UPDATE OF username_key, role, profile_visibility, removed_at ON members FOR EACH ROW
      WHEN ((NEW.username_key, NEW.role, NEW.profile_visibility, NEW.removed_at)
            IS DISTINCT FROM (OLD.username_key, OLD.role, OLD.profile_visibility, OLD.removed_at))
      EXECUTE FUNCTION keep_member_words()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION keep_member_words() CASCADE');
    await runner.query('DROP TABLE member_words');
  }
}
