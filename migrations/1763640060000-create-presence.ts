import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alsoRequire, orWholeOrganization, tenantTable } from './rls.js';

/** SQL: whether the lease of a row is valid. A process renews its leases every 30 seconds. */
const IS_LIVE = `state <> 'offline' AND last_seen_at > clock_timestamp() - interval '55 seconds'`;

/** SQL: takes the lock whose shared mode the writers of leases hold. The name is that of Transaction.lock. */
const lock = (organization: string): string =>
  `PERFORM pg_advisory_xact_lock(hashtextextended(${organization} || ' presence', 0));`;

/** SQL: a notice in the form of libs/realtime/change-notice.ts. null stands for everybody. */
const notify = (channel: string, organization: string, ...people: string[]): string => {
  const ranges = people.map((person) => `json_build_array(${person}, ${person})`);
  return `PERFORM pg_notify('tidings_${channel}',
    json_build_array(json_build_array(${organization}, ${people.length === 0 ? 'NULL' : `json_build_array(${ranges.join(', ')})`}))::text);`;
};

/** The tables, then the name, event, condition and body of each trigger. */
const TRIGGERS: [table: string, name: string, event: string, when: string, body: string][] = [
  [
    'blocks',
    'keep_presence_at_block',
    'INSERT OR DELETE',
    '',
    `DECLARE
      organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
      blocker uuid := coalesce(NEW.blocker_id, OLD.blocker_id);
      blocked uuid := coalesce(NEW.blocked_id, OLD.blocked_id);
    BEGIN
      ${lock('organization')}
      IF TG_OP = 'INSERT' THEN
        INSERT INTO presence_at_block (organization_id, viewer_id, user_id, last_seen_at)
        SELECT organization, pair.viewer, pair.person,
               max(CASE WHEN ${IS_LIVE} THEN clock_timestamp() ELSE last_seen_at END)
        FROM (VALUES (blocker, blocked), (blocked, blocker)) AS pair (viewer, person)
        JOIN presence ON presence.organization_id = organization AND presence.user_id = pair.person
        GROUP BY pair.viewer, pair.person
        ON CONFLICT DO NOTHING;
      ELSIF NOT EXISTS (SELECT FROM blocks WHERE blocks.organization_id = organization
                        AND blocks.blocker_id = blocked AND blocks.blocked_id = blocker) THEN
        DELETE FROM presence_at_block AS kept WHERE kept.organization_id = organization
          AND (kept.viewer_id, kept.user_id) IN ((blocker, blocked), (blocked, blocker));
      END IF;
      IF EXISTS (SELECT FROM presence WHERE presence.organization_id = organization
                 AND presence.user_id IN (blocker, blocked)) THEN
        ${notify('presence', 'organization', 'blocker', 'blocked')}
      END IF;
      RETURN NULL;
    END`,
  ],
  [
    'members',
    'end_presence',
    'UPDATE OF appear_offline',
    'WHEN (OLD.appear_offline IS DISTINCT FROM NEW.appear_offline)',
    `BEGIN
      ${lock('NEW.organization_id')}
      IF NEW.appear_offline THEN
        UPDATE presence SET state = 'offline', last_seen_at = clock_timestamp()
        WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id AND ${IS_LIVE};
      END IF;
      ${notify('presence_settings', 'NEW.organization_id', 'NEW.user_id')}
      RETURN NULL;
    END`,
  ],
  [
    'organization_preferences',
    'forget_presence',
    'UPDATE OF document',
    `WHEN ((OLD.document -> 'presence') IS DISTINCT FROM (NEW.document -> 'presence'))`,
    `BEGIN
      ${lock('NEW.organization_id')}
      IF NOT coalesce(NEW.document @> '{"presence": true}', false) THEN
        DELETE FROM presence WHERE organization_id = NEW.organization_id;
        DELETE FROM presence_at_block WHERE organization_id = NEW.organization_id;
      END IF;
      ${notify('presence_settings', 'NEW.organization_id')}
      RETURN NULL;
    END`,
  ],
];

/**
 * Who is connected, and when they last were. Unlogged: these rows cost no WAL, and after a crash of PostgreSQL nobody
 * knows them anyway. What two people see of each other while one blocks the other is kept in such a table too, so that a
 * crash leaves no trace of the block. The triggers run at the end of their transaction: the lock is held for a moment.
 */
export class CreatePresence1763640060000 implements MigrationInterface {
  name = 'CreatePresence1763640060000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE members ADD COLUMN appear_offline boolean NOT NULL DEFAULT false');
    await runner.query(`
      CREATE UNLOGGED TABLE presence (
        organization_id uuid NOT NULL,
        user_id uuid NOT NULL,
        process_id uuid NOT NULL,
        state text NOT NULL CONSTRAINT presence_state_known CHECK (state IN ('online', 'away', 'offline')),
        last_seen_at timestamptz NOT NULL,
        CONSTRAINT presence_pkey PRIMARY KEY (organization_id, user_id, process_id)
      ) WITH (fillfactor = 80)`);
    await runner.query('CREATE INDEX presence_process ON presence (process_id)');
    await runner.query(`
      CREATE UNLOGGED TABLE presence_at_block (
        organization_id uuid NOT NULL,
        viewer_id uuid NOT NULL,
        user_id uuid NOT NULL,
        last_seen_at timestamptz NOT NULL,
        CONSTRAINT presence_at_block_pkey PRIMARY KEY (organization_id, viewer_id, user_id)
      )`);
    for (const table of ['presence', 'presence_at_block']) {
      await tenantTable(runner, table, { grant: 'SELECT, INSERT, UPDATE, DELETE' });
      await alsoRequire(runner, table, 'whole_organization', orWholeOrganization('false'));
      await runner.query(
        `CREATE POLICY functions ON ${table} TO tidings_owner USING (true) WITH CHECK (true)`,
      );
    }
    for (const [table, name, event, when, body] of TRIGGERS) {
      await runner.query(`
        CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = tidings, pg_temp AS $$ ${body} $$`);
      await runner.query(`REVOKE ALL ON FUNCTION ${name}() FROM PUBLIC`);
      await runner.query(`
        CREATE CONSTRAINT TRIGGER ${name} AFTER ${event} ON ${table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW ${when} EXECUTE FUNCTION ${name}()`);
    }
    await runner.query(`
      CREATE FUNCTION renew_presence(process uuid) RETURNS integer LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC
        WITH renewed AS (
          UPDATE presence SET last_seen_at = clock_timestamp() WHERE process_id = process AND ${IS_LIVE} RETURNING true)
        SELECT count(*)::integer FROM renewed;
      END`);
    await runner.query('REVOKE ALL ON FUNCTION renew_presence(uuid) FROM PUBLIC');
    await runner.query('GRANT EXECUTE ON FUNCTION renew_presence(uuid) TO tidings_relay');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION renew_presence');
    for (const [table, name] of TRIGGERS) {
      await runner.query(`DROP TRIGGER ${name} ON ${table}`);
      await runner.query(`DROP FUNCTION ${name}`);
    }
    await runner.query('DROP TABLE presence_at_block');
    await runner.query('DROP TABLE presence');
    await runner.query('ALTER TABLE members DROP COLUMN appear_offline');
  }
}
