import type { MigrationInterface, QueryRunner } from 'typeorm';
import { forceRowSecurity, tenantTable } from './rls.js';

export class CreateMembers1763640003000 implements MigrationInterface {
  name = 'CreateMembers1763640003000';

  async up(runner: QueryRunner): Promise<void> {
    await createUsers(runner);
    await createRoles(runner);
    await runner.query(`
      CREATE TABLE members (
        organization_id uuid NOT NULL
          CONSTRAINT members_organization_fkey REFERENCES organizations ON DELETE CASCADE,
        user_id uuid NOT NULL CONSTRAINT members_user_fkey REFERENCES users ON DELETE CASCADE,
        username text NOT NULL CONSTRAINT members_username_length CHECK (char_length(username) BETWEEN 1 AND 64),
        username_key text NOT NULL CONSTRAINT members_username_key_folded CHECK (username_key = lower(username)),
        display_name text NOT NULL
          CONSTRAINT members_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 200),
        email text CONSTRAINT members_email_length CHECK (char_length(email) <= 254),
        locale text,
        time_zone text,
        role text,
        accepts_messages_from text NOT NULL DEFAULT 'everyone' CONSTRAINT members_accepts_messages_from_known
          CHECK (accepts_messages_from IN ('everyone', 'known', 'nobody')),
        profile_visibility text NOT NULL DEFAULT 'organization' CONSTRAINT members_profile_visibility_known
          CHECK (profile_visibility IN ('organization', 'hidden')),
        share_read_receipts boolean NOT NULL DEFAULT true,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        removed_at timestamptz,
        CONSTRAINT members_pkey PRIMARY KEY (organization_id, user_id),
        CONSTRAINT members_role_fkey FOREIGN KEY (organization_id, role) REFERENCES roles (organization_id, name),
        CONSTRAINT members_role_while_member CHECK (removed_at IS NOT NULL OR role IS NOT NULL)
      )`);
    // Once removed, a member no longer holds the username; the row stays, so that old messages have a sender.
    await runner.query(
      'CREATE UNIQUE INDEX members_username ON members (organization_id, username_key) WHERE removed_at IS NULL',
    );
    await runner.query('CREATE INDEX members_role ON members (organization_id, role)');
    await runner.query('CREATE INDEX members_user ON members (user_id)');
    await tenantTable(runner, 'members', { grant: 'SELECT, INSERT, UPDATE' });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE members, roles, users');
  }
}

/** Shared by all organizations, so it holds nothing but the id, and only the platform reads or deletes here. */
async function createUsers(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE users (
      id uuid CONSTRAINT users_pkey PRIMARY KEY,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
  await forceRowSecurity(runner, 'users');
  await runner.query('CREATE POLICY anybody_adds ON users FOR INSERT TO tidings_request WITH CHECK (true)');
  await runner.query(
    'CREATE POLICY platform_reads ON users FOR SELECT TO tidings_request USING ((SELECT app_is_platform()))',
  );
  await runner.query(
    'CREATE POLICY platform_deletes ON users FOR DELETE TO tidings_request USING ((SELECT app_is_platform()))',
  );
  await runner.query('GRANT SELECT, INSERT, DELETE ON users TO tidings_request');
}

async function createRoles(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE roles (
      organization_id uuid NOT NULL
        CONSTRAINT roles_organization_fkey REFERENCES organizations ON DELETE CASCADE,
      name text NOT NULL CONSTRAINT roles_name_length CHECK (char_length(name) BETWEEN 1 AND 50),
      permissions text[] NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT roles_pkey PRIMARY KEY (organization_id, name)
    )`);
  await tenantTable(runner, 'roles', { grant: 'SELECT, INSERT, UPDATE, DELETE' });
}
