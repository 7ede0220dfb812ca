import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Servers keep memberships for minutes: a change of what a member may do is announced to all of them. */
export class AnnounceMemberships1763640038100 implements MigrationInterface {
  name = 'AnnounceMemberships1763640038100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION announce_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('tidings_memberships', coalesce(to_jsonb(coalesce(NEW, OLD)) ->> 'organization_id', ''));
        RETURN NULL;
      END $$`);
    await runner.query('REVOKE ALL ON FUNCTION announce_memberships() FROM PUBLIC');
    await runner.query(`
      CREATE TRIGGER announce_member AFTER UPDATE ON members FOR EACH ROW
      WHEN (OLD.role IS DISTINCT FROM NEW.role OR OLD.removed_at IS DISTINCT FROM NEW.removed_at
        OR OLD.username_key IS DISTINCT FROM NEW.username_key)
      EXECUTE FUNCTION announce_memberships()`);
    await runner.query(`
      CREATE TRIGGER announce_member_deletion AFTER DELETE ON members FOR EACH ROW
      EXECUTE FUNCTION announce_memberships()`);
    await runner.query(`
      CREATE TRIGGER announce_role AFTER UPDATE OR DELETE ON roles FOR EACH ROW
      EXECUTE FUNCTION announce_memberships()`);
    await runner.query(`
      CREATE TRIGGER announce_deletion AFTER INSERT ON user_deletions FOR EACH ROW
      EXECUTE FUNCTION announce_memberships()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER announce_deletion ON user_deletions');
    await runner.query('DROP TRIGGER announce_role ON roles');
    await runner.query('DROP TRIGGER announce_member_deletion ON members');
    await runner.query('DROP TRIGGER announce_member ON members');
    await runner.query('DROP FUNCTION announce_memberships');
  }
}
