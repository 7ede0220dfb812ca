-- The schema that the migrations make, for reading and for reviewing changes. npm run schema writes this file; a test
-- compares it. Databases are made by npm run migrate, never by this file.

-- Roles, which belong to the server

-- tidings_owner NOLOGIN NOSUPERUSER NOBYPASSRLS
-- tidings_relay NOLOGIN NOSUPERUSER NOBYPASSRLS
-- tidings_request NOLOGIN NOSUPERUSER NOBYPASSRLS

-- Schema

CREATE SCHEMA tidings AUTHORIZATION tidings_owner;
SET search_path = tidings;
SET ROLE tidings_owner;
SET check_function_bodies = off;

-- Functions that name no tables

CREATE OR REPLACE FUNCTION tidings.announce_memberships()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      BEGIN
        PERFORM pg_notify('tidings_memberships', coalesce(to_jsonb(coalesce(NEW, OLD)) ->> 'organization_id', ''));
        RETURN NULL;
      END $function$;

CREATE OR REPLACE FUNCTION tidings.count_direct_thread()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      BEGIN
        UPDATE tidings.members SET direct_threads = direct_threads + 1
        WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id;
        RETURN NULL;
      END $function$;

CREATE OR REPLACE FUNCTION tidings.count_unread_on_delete()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
      PERFORM FROM tidings.unread_counts AS known JOIN (
  SELECT organization_id, user_id, type, aggregation_id, actor_id, sum(step) AS step FROM (
    
  SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'::uuid) AS aggregation_id,
         coalesce(actor_id, '00000000-0000-0000-0000-000000000000'::uuid) AS actor_id, -1 AS step FROM removed WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL
  ) AS each GROUP BY organization_id, user_id, type, aggregation_id, actor_id HAVING sum(step) <> 0) AS each ON known.organization_id = each.organization_id AND known.user_id = each.user_id AND known.type = each.type AND known.aggregation_id = each.aggregation_id AND known.actor_id = each.actor_id
         ORDER BY known.user_id, known.type, known.aggregation_id, known.actor_id FOR UPDATE OF known;
         UPDATE tidings.unread_counts AS known SET unread = known.unread + each.step
         FROM (
  SELECT organization_id, user_id, type, aggregation_id, actor_id, sum(step) AS step FROM (
    
  SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'::uuid) AS aggregation_id,
         coalesce(actor_id, '00000000-0000-0000-0000-000000000000'::uuid) AS actor_id, -1 AS step FROM removed WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL
  ) AS each GROUP BY organization_id, user_id, type, aggregation_id, actor_id HAVING sum(step) <> 0) AS each WHERE known.organization_id = each.organization_id AND known.user_id = each.user_id AND known.type = each.type AND known.aggregation_id = each.aggregation_id AND known.actor_id = each.actor_id;
      DELETE FROM tidings.unread_counts AS known USING (
  SELECT organization_id, user_id, type, aggregation_id, actor_id, sum(step) AS step FROM (
    
  SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'::uuid) AS aggregation_id,
         coalesce(actor_id, '00000000-0000-0000-0000-000000000000'::uuid) AS actor_id, -1 AS step FROM removed WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL
  ) AS each GROUP BY organization_id, user_id, type, aggregation_id, actor_id HAVING sum(step) <> 0) AS each
                   WHERE known.unread = 0 AND known.organization_id = each.organization_id AND known.user_id = each.user_id AND known.type = each.type AND known.aggregation_id = each.aggregation_id AND known.actor_id = each.actor_id;
      RETURN NULL;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.count_unread_on_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
      INSERT INTO tidings.unread_counts AS known (organization_id, user_id, type, aggregation_id, actor_id, unread)
         SELECT organization_id, user_id, type, aggregation_id, actor_id, step FROM (
  SELECT organization_id, user_id, type, aggregation_id, actor_id, sum(step) AS step FROM (
    
  SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'::uuid) AS aggregation_id,
         coalesce(actor_id, '00000000-0000-0000-0000-000000000000'::uuid) AS actor_id, 1 AS step FROM added WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL
  ) AS each GROUP BY organization_id, user_id, type, aggregation_id, actor_id HAVING sum(step) <> 0) AS each ORDER BY organization_id, user_id, type, aggregation_id, actor_id
         ON CONFLICT (organization_id, user_id, type, aggregation_id, actor_id) DO UPDATE SET unread = known.unread + excluded.unread;
      
      RETURN NULL;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.count_unread_on_update()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
      INSERT INTO tidings.unread_counts AS known (organization_id, user_id, type, aggregation_id, actor_id, unread)
         SELECT organization_id, user_id, type, aggregation_id, actor_id, step FROM (
  SELECT organization_id, user_id, type, aggregation_id, actor_id, sum(step) AS step FROM (
    
  SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'::uuid) AS aggregation_id,
         coalesce(actor_id, '00000000-0000-0000-0000-000000000000'::uuid) AS actor_id, 1 AS step FROM added WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL UNION ALL 
  SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'::uuid) AS aggregation_id,
         coalesce(actor_id, '00000000-0000-0000-0000-000000000000'::uuid) AS actor_id, -1 AS step FROM removed WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL
  ) AS each GROUP BY organization_id, user_id, type, aggregation_id, actor_id HAVING sum(step) <> 0) AS each ORDER BY organization_id, user_id, type, aggregation_id, actor_id
         ON CONFLICT (organization_id, user_id, type, aggregation_id, actor_id) DO UPDATE SET unread = known.unread + excluded.unread;
      DELETE FROM tidings.unread_counts AS known USING (
  SELECT organization_id, user_id, type, aggregation_id, actor_id, sum(step) AS step FROM (
    
  SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'::uuid) AS aggregation_id,
         coalesce(actor_id, '00000000-0000-0000-0000-000000000000'::uuid) AS actor_id, 1 AS step FROM added WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL UNION ALL 
  SELECT organization_id, user_id, type, coalesce(aggregation_id, '00000000-0000-0000-0000-000000000000'::uuid) AS aggregation_id,
         coalesce(actor_id, '00000000-0000-0000-0000-000000000000'::uuid) AS actor_id, -1 AS step FROM removed WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL
  ) AS each GROUP BY organization_id, user_id, type, aggregation_id, actor_id HAVING sum(step) <> 0) AS each
                   WHERE known.unread = 0 AND known.organization_id = each.organization_id AND known.user_id = each.user_id AND known.type = each.type AND known.aggregation_id = each.aggregation_id AND known.actor_id = each.actor_id;
      RETURN NULL;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.empty_change_slot()
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
 SET lock_timeout TO '300ms'
AS $function$
    DECLARE
      slot integer := (floor(extract(epoch FROM clock_timestamp()) / 604800)::integer % 4 + 1) % 4;
    BEGIN
      EXECUTE format('LOCK TABLE changes_%s IN ACCESS EXCLUSIVE MODE', slot);
      IF slot <> (floor(extract(epoch FROM clock_timestamp()) / 604800)::integer % 4 + 1) % 4 THEN
        RETURN false;
      END IF;
      EXECUTE format('TRUNCATE changes_%s', slot);
      RETURN true;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.end_presence()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
AS $function$ BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(NEW.organization_id || ' presence', 0));
      IF NEW.appear_offline THEN
        UPDATE presence SET state = 'offline', last_seen_at = clock_timestamp()
        WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id AND state <> 'offline' AND last_seen_at > clock_timestamp() - interval '55 seconds';
      END IF;
      PERFORM pg_notify('tidings_presence_settings',
    json_build_array(json_build_array(NEW.organization_id, json_build_array(json_build_array(NEW.user_id, NEW.user_id))))::text);
      RETURN NULL;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.forget_presence()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
AS $function$ BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(NEW.organization_id || ' presence', 0));
      IF NOT coalesce(NEW.document @> '{"presence": true}', false) THEN
        DELETE FROM presence WHERE organization_id = NEW.organization_id;
        DELETE FROM presence_at_block WHERE organization_id = NEW.organization_id;
      END IF;
      PERFORM pg_notify('tidings_presence_settings',
    json_build_array(json_build_array(NEW.organization_id, NULL))::text);
      RETURN NULL;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.keep_member_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
      END $function$;

CREATE OR REPLACE FUNCTION tidings.keep_presence_at_block()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
AS $function$ DECLARE
      organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
      blocker uuid := coalesce(NEW.blocker_id, OLD.blocker_id);
      blocked uuid := coalesce(NEW.blocked_id, OLD.blocked_id);
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(organization || ' presence', 0));
      IF TG_OP = 'INSERT' THEN
        INSERT INTO presence_at_block (organization_id, viewer_id, user_id, last_seen_at)
        SELECT organization, pair.viewer, pair.person,
               max(CASE WHEN state <> 'offline' AND last_seen_at > clock_timestamp() - interval '55 seconds' THEN clock_timestamp() ELSE last_seen_at END)
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
        PERFORM pg_notify('tidings_presence',
    json_build_array(json_build_array(organization, json_build_array(json_build_array(blocker, blocker), json_build_array(blocked, blocked))))::text);
      END IF;
      RETURN NULL;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.keep_subject()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
AS $function$
    BEGIN
      IF OLD.subject_version = 0 THEN
        INSERT INTO thread_subjects (organization_id, thread_id, version, subject, changed_at)
        VALUES (OLD.organization_id, OLD.id, 0, OLD.subject, OLD.created_at);
      END IF;
      NEW.subject_version := OLD.subject_version + 1;
      INSERT INTO thread_subjects (organization_id, thread_id, version, subject, changed_by, changed_at)
      VALUES (NEW.organization_id, NEW.id, NEW.subject_version, NEW.subject, app_user(), clock_timestamp());
      RETURN NEW;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.leave_groups(organization uuid, person uuid, most integer DEFAULT NULL::integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
AS $function$
    DECLARE
      caller text := coalesce(current_setting('tidings.organization_id', true), '');
      groups uuid[];
      owned uuid[];
      heirs uuid[];
      moment timestamptz;
      is_late boolean;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended(organization || ' sends of ' || person, 0));
      PERFORM set_config('tidings.organization_id', organization::text, true);
      is_late := (SELECT removed_at < now() FROM members WHERE organization_id = organization AND user_id = person);
      groups := ARRAY(
        SELECT thread_id FROM participants
        WHERE organization_id = organization AND user_id = person AND partner_id IS NULL AND left_at IS NULL ORDER BY thread_id LIMIT most);
      PERFORM FROM threads WHERE organization_id = organization AND id = ANY (groups)
        ORDER BY id FOR NO KEY UPDATE;
      groups := ARRAY(
        SELECT thread_id FROM participants
        WHERE organization_id = organization AND user_id = person AND partner_id IS NULL AND left_at IS NULL
          AND thread_id = ANY (groups));
      moment := clock_timestamp();
      SELECT array_agg(mine.thread_id), array_agg(heir.user_id) INTO owned, heirs
      FROM participants AS mine
      CROSS JOIN LATERAL (
        SELECT other.user_id FROM participants AS other
        JOIN members ON members.organization_id = organization AND members.user_id = other.user_id
        WHERE other.organization_id = organization AND other.thread_id = mine.thread_id
          AND other.user_id <> person AND other.left_at IS NULL AND members.removed_at IS NULL
        ORDER BY other.owner_since, other.joined_at, other.user_id LIMIT 1) AS heir
      WHERE mine.organization_id = organization AND mine.user_id = person AND mine.thread_id = ANY (groups)
        AND mine.owner_since IS NOT NULL;
      PERFORM FROM participants
        WHERE organization_id = organization AND thread_id = ANY (groups)
          AND (user_id = person OR user_id = ANY (heirs))
        ORDER BY thread_id, user_id FOR NO KEY UPDATE;
      UPDATE participants AS mine
      SET left_at = moment, newest_seq = threads.last_seq,
          active_at = coalesce(threads.last_message_at, threads.created_at), owner_since = NULL,
          left_count = threads.participant_count, left_version = threads.subject_version,
          hidden_at = CASE WHEN is_late THEN moment ELSE mine.hidden_at END,
          settled = CASE WHEN is_late THEN threads.last_seq ELSE mine.settled END,
          last_read_seq = CASE WHEN is_late THEN threads.last_seq ELSE mine.last_read_seq END
      FROM threads
      WHERE mine.organization_id = organization AND mine.user_id = person AND mine.thread_id = ANY (groups)
        AND threads.organization_id = organization AND threads.id = mine.thread_id;
      UPDATE threads SET participant_count = participant_count - 1, updated_at = moment
      WHERE organization_id = organization AND id = ANY (groups);
      UPDATE participants AS heir SET owner_since = moment
      FROM unnest(owned, heirs) AS next (thread_id, user_id)
      WHERE heir.organization_id = organization AND heir.thread_id = next.thread_id
        AND heir.user_id = next.user_id;
      PERFORM set_config('tidings.organization_id', caller, true);
      RETURN EXISTS (
        SELECT FROM participants
        WHERE organization_id = organization AND user_id = person AND partner_id IS NULL AND left_at IS NULL);
    END $function$;

CREATE OR REPLACE FUNCTION tidings.leave_groups_on_removal()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
AS $function$
    BEGIN
      PERFORM leave_groups(OLD.organization_id, OLD.user_id, CASE TG_OP WHEN 'UPDATE' THEN 500 END);
      RETURN OLD;
    END $function$;

CREATE OR REPLACE FUNCTION tidings.log_block()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (coalesce(NEW.organization_id, OLD.organization_id), 'block', NULL, coalesce(NEW.blocker_id, OLD.blocker_id), coalesce(NEW.blocked_id, OLD.blocked_id), NULL);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_changed_notification()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'notification', NULL, NEW.user_id, NULL, NEW.seq);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_deletion()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'deletion', NEW.thread_id, NULL, NULL, NEW.seq);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_hidden_message()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'message', NEW.thread_id, NEW.user_id, NULL, NEW.seq);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_member()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'member', NULL, NULL, NEW.user_id, NULL);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_message()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'message', NEW.thread_id, NULL, NULL, NEW.seq);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_organization_preferences()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'preferences', NULL, NULL, NULL, NULL);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_own_settings()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'thread', NEW.thread_id, NEW.user_id, NULL, NULL);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_participant()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'thread', NEW.thread_id, NULL, NEW.user_id, NULL);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_preferences()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'preferences', NULL, NEW.user_id, NULL, NULL);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_read()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'read', NEW.thread_id, NULL, NEW.user_id, NEW.last_read_seq);
          RETURN NULL;
        END $function$;

CREATE OR REPLACE FUNCTION tidings.log_subject()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
        BEGIN
          INSERT INTO tidings.changes (organization_id, kind, thread_id, user_id, about_id, seq)
          VALUES (NEW.organization_id, 'thread', NEW.id, NULL, NULL, NULL);
          RETURN NULL;
        END $function$;

-- Sequences

CREATE SEQUENCE migrations_id_seq AS integer;

-- Tables, with their indexes and triggers

CREATE TABLE act_as_reads (
  organization_id uuid NOT NULL,
  key_id uuid NOT NULL,
  user_id uuid NOT NULL,
  route text NOT NULL,
  noted_at timestamp with time zone NOT NULL,
  CONSTRAINT act_as_reads_pkey PRIMARY KEY (organization_id, key_id, user_id, route)
);
CREATE INDEX act_as_reads_noted_at ON act_as_reads USING btree (organization_id, noted_at);

CREATE TABLE api_keys (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  slot smallint NOT NULL,
  secret_hash bytea NOT NULL,
  scopes text[] NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  created_by_user_id uuid,
  created_by_key_id uuid,
  CONSTRAINT api_keys_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT api_keys_name_length CHECK (char_length(name) >= 1 AND char_length(name) <= 100),
  CONSTRAINT api_keys_slot_known CHECK (slot = ANY (ARRAY[1, 2]))
);
CREATE INDEX api_keys_revoked_at ON api_keys USING btree (organization_id, revoked_at) WHERE revoked_at IS NOT NULL;
CREATE UNIQUE INDEX api_keys_slot ON api_keys USING btree (organization_id, name, slot) WHERE revoked_at IS NULL;

CREATE TABLE audit_entries (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  actor_kind text NOT NULL,
  user_id uuid,
  api_key_id uuid,
  action text NOT NULL,
  target_type text NOT NULL,
  target_id text NOT NULL,
  reason text,
  details jsonb DEFAULT '{}'::jsonb NOT NULL,
  request_id text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT audit_entries_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT audit_entries_actor_kind_known CHECK (actor_kind = ANY (ARRAY['person'::text, 'service'::text, 'platform'::text]))
);

CREATE TABLE blocks (
  organization_id uuid NOT NULL,
  blocker_id uuid NOT NULL,
  blocked_id uuid NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  username text,
  display_name text,
  CONSTRAINT blocks_pkey PRIMARY KEY (organization_id, blocker_id, blocked_id),
  CONSTRAINT blocks_of_others CHECK (blocker_id <> blocked_id)
);
CREATE INDEX blocks_blocked ON blocks USING btree (organization_id, blocked_id);
CREATE CONSTRAINT TRIGGER keep_presence_at_block AFTER INSERT OR DELETE ON blocks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep_presence_at_block();
CREATE TRIGGER log_block AFTER INSERT OR DELETE ON blocks FOR EACH ROW EXECUTE FUNCTION log_block();

CREATE TABLE changes (
  organization_id uuid NOT NULL,
  xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
  at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  slot smallint DEFAULT (floor(EXTRACT(epoch FROM clock_timestamp()) / 604800::numeric)::integer % 4) NOT NULL,
  kind text NOT NULL,
  thread_id uuid,
  user_id uuid,
  about_id uuid,
  seq bigint
) PARTITION BY LIST (slot);
CREATE INDEX changes_of_everybody ON changes USING btree (organization_id, xid) WHERE thread_id IS NULL AND user_id IS NULL;
CREATE INDEX changes_of_person ON changes USING btree (organization_id, user_id, xid) WHERE user_id IS NOT NULL;
CREATE INDEX changes_of_thread ON changes USING btree (organization_id, thread_id, xid) WHERE thread_id IS NOT NULL;
CREATE INDEX changes_order ON changes USING btree (organization_id, xid);

CREATE TABLE dead_letters (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL,
  payload jsonb NOT NULL,
  attempts integer NOT NULL,
  last_error text,
  created_at timestamp with time zone NOT NULL,
  failed_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT dead_letters_pkey PRIMARY KEY (organization_id, id)
);
CREATE INDEX dead_letters_failed_at ON dead_letters USING btree (organization_id, failed_at);
CREATE INDEX dead_letters_type ON dead_letters USING btree (organization_id, type, failed_at);

CREATE TABLE deliveries (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  notification_id uuid NOT NULL,
  user_id uuid NOT NULL,
  channel text NOT NULL,
  target_id uuid NOT NULL,
  digest text,
  status text DEFAULT 'waiting'::text NOT NULL,
  due_at timestamp with time zone NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  leased_until timestamp with time zone,
  last_error text,
  sent_at timestamp with time zone,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  urgent boolean DEFAULT false NOT NULL,
  reason text,
  CONSTRAINT deliveries_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT deliveries_channel_known CHECK (channel = ANY (ARRAY['email'::text, 'web_push'::text, 'webhook'::text])),
  CONSTRAINT deliveries_digest_known CHECK (digest = ANY (ARRAY['hourly'::text, 'daily'::text])),
  CONSTRAINT deliveries_once UNIQUE (organization_id, notification_id, channel, target_id),
  CONSTRAINT deliveries_reason_known CHECK (reason = ANY (ARRAY['expired'::text, 'member_removed'::text, 'no_address'::text, 'endpoint_deleted'::text, 'endpoint_disabled'::text, 'browser_unsubscribed'::text, 'deleted'::text, 'read'::text, 'actor_blocked'::text, 'muted'::text, 'turned_off'::text, 'subscription_removed'::text])),
  CONSTRAINT deliveries_status_known CHECK (status = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text, 'cancelled'::text, 'closed'::text]))
) WITH (autovacuum_vacuum_scale_factor=0.02);
CREATE INDEX deliveries_digest_due ON deliveries USING btree (due_at) WHERE status = 'waiting'::text AND digest IS NOT NULL;
CREATE INDEX deliveries_digest_queue ON deliveries USING btree (organization_id, due_at) WHERE status = 'waiting'::text AND digest IS NOT NULL;
CREATE INDEX deliveries_due ON deliveries USING btree (channel, urgent, due_at) WHERE status = 'waiting'::text AND digest IS NULL;
CREATE INDEX deliveries_leased ON deliveries USING btree (channel, organization_id, target_id) WHERE status = 'waiting'::text AND channel = 'webhook'::text AND leased_until IS NOT NULL;
CREATE INDEX deliveries_leased_user ON deliveries USING btree (channel, organization_id, user_id) WHERE status = 'waiting'::text AND channel = 'web_push'::text AND leased_until IS NOT NULL;
CREATE INDEX deliveries_person ON deliveries USING btree (user_id, organization_id, id) WHERE status = 'waiting'::text;
CREATE INDEX deliveries_queue ON deliveries USING btree (channel, urgent, organization_id, due_at) WHERE status = 'waiting'::text AND digest IS NULL;
CREATE INDEX deliveries_status_channel ON deliveries USING btree (organization_id, status, channel, id);
CREATE INDEX deliveries_target ON deliveries USING btree (channel, urgent, organization_id, target_id, due_at) WHERE status = 'waiting'::text AND digest IS NULL AND channel = 'webhook'::text;
CREATE INDEX deliveries_target_user ON deliveries USING btree (channel, urgent, organization_id, user_id, due_at) WHERE status = 'waiting'::text AND digest IS NULL AND channel = 'web_push'::text;

CREATE TABLE feeds (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  last_seq bigint NOT NULL,
  last_created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT feeds_pkey PRIMARY KEY (organization_id, user_id)
) WITH (fillfactor=70);

CREATE TABLE hidden_messages (
  organization_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  user_id uuid NOT NULL,
  seq bigint NOT NULL,
  hidden_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT hidden_messages_pkey PRIMARY KEY (organization_id, thread_id, user_id, seq)
);
CREATE TRIGGER log_hidden_message AFTER INSERT ON hidden_messages FOR EACH ROW EXECUTE FUNCTION log_hidden_message();

CREATE TABLE idempotency_keys (
  organization_id uuid NOT NULL,
  principal text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  result bytea,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (organization_id, principal, key),
  CONSTRAINT idempotency_keys_key_length CHECK (char_length(key) >= 1 AND char_length(key) <= 255)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys USING btree (created_at);

CREATE TABLE member_preferences (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  document jsonb NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT member_preferences_pkey PRIMARY KEY (organization_id, user_id)
);
CREATE TRIGGER log_preferences AFTER INSERT OR UPDATE ON member_preferences FOR EACH ROW EXECUTE FUNCTION log_preferences();

CREATE TABLE member_words (
  organization_id uuid NOT NULL,
  prefix text COLLATE "C" NOT NULL,
  username_key text NOT NULL,
  user_id uuid NOT NULL,
  words text COLLATE "C" NOT NULL,
  role text,
  profile_visibility text NOT NULL,
  CONSTRAINT member_words_pkey PRIMARY KEY (organization_id, prefix, username_key) INCLUDE (user_id, words, role, profile_visibility)
);
CREATE INDEX member_words_member ON member_words USING btree (organization_id, user_id);

CREATE TABLE members (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  username text NOT NULL,
  username_key text NOT NULL,
  display_name text NOT NULL,
  email text,
  locale text,
  time_zone text,
  role text,
  accepts_messages_from text DEFAULT 'everyone'::text NOT NULL,
  profile_visibility text DEFAULT 'organization'::text NOT NULL,
  share_read_receipts boolean DEFAULT true NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  removed_at timestamp with time zone,
  direct_threads integer DEFAULT 0 NOT NULL,
  appear_offline boolean DEFAULT false NOT NULL,
  CONSTRAINT members_pkey PRIMARY KEY (organization_id, user_id),
  CONSTRAINT members_accepts_messages_from_known CHECK (accepts_messages_from = ANY (ARRAY['everyone'::text, 'known'::text, 'nobody'::text])),
  CONSTRAINT members_display_name_length CHECK (char_length(display_name) >= 1 AND char_length(display_name) <= 200),
  CONSTRAINT members_email_length CHECK (char_length(email) <= 254),
  CONSTRAINT members_profile_visibility_known CHECK (profile_visibility = ANY (ARRAY['organization'::text, 'hidden'::text])),
  CONSTRAINT members_role_while_member CHECK (removed_at IS NOT NULL OR role IS NOT NULL),
  CONSTRAINT members_username_key_folded CHECK (username_key = lower(username)),
  CONSTRAINT members_username_length CHECK (char_length(username) >= 1 AND char_length(username) <= 64)
);
CREATE INDEX members_by_role ON members USING btree (organization_id, role, username_key);
CREATE INDEX members_user ON members USING btree (user_id);
CREATE UNIQUE INDEX members_username ON members USING btree (organization_id, username_key) WHERE removed_at IS NULL;
CREATE INDEX members_visible ON members USING btree (organization_id, username_key) WHERE removed_at IS NULL AND profile_visibility = 'organization'::text;
CREATE INDEX members_visible_by_role ON members USING btree (organization_id, role, username_key) WHERE removed_at IS NULL AND profile_visibility = 'organization'::text;
CREATE TRIGGER announce_member AFTER UPDATE ON members FOR EACH ROW WHEN (old.role IS DISTINCT FROM new.role OR old.removed_at IS DISTINCT FROM new.removed_at OR old.username_key IS DISTINCT FROM new.username_key) EXECUTE FUNCTION announce_memberships();
CREATE TRIGGER announce_member_deletion AFTER DELETE ON members FOR EACH ROW EXECUTE FUNCTION announce_memberships();
CREATE CONSTRAINT TRIGGER end_presence AFTER UPDATE OF appear_offline ON members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (old.appear_offline IS DISTINCT FROM new.appear_offline) EXECUTE FUNCTION end_presence();
CREATE TRIGGER keep_member_words AFTER UPDATE OF username_key, role, profile_visibility, removed_at ON members FOR EACH ROW WHEN (new.username_key IS DISTINCT FROM old.username_key OR new.role IS DISTINCT FROM old.role OR new.profile_visibility IS DISTINCT FROM old.profile_visibility OR new.removed_at IS DISTINCT FROM old.removed_at) EXECUTE FUNCTION keep_member_words();
CREATE TRIGGER leave_groups_when_deleted BEFORE DELETE ON members FOR EACH ROW EXECUTE FUNCTION leave_groups_on_removal();
CREATE TRIGGER leave_groups_when_removed AFTER UPDATE OF removed_at ON members FOR EACH ROW WHEN (old.removed_at IS NULL AND new.removed_at IS NOT NULL) EXECUTE FUNCTION leave_groups_on_removal();
CREATE TRIGGER log_member AFTER UPDATE OF username, display_name, share_read_receipts, removed_at ON members FOR EACH ROW WHEN (old.username IS DISTINCT FROM new.username OR old.display_name IS DISTINCT FROM new.display_name OR old.share_read_receipts IS DISTINCT FROM new.share_read_receipts OR old.removed_at IS DISTINCT FROM new.removed_at) EXECUTE FUNCTION log_member();

CREATE TABLE message_versions (
  organization_id uuid NOT NULL,
  message_id uuid NOT NULL,
  version integer NOT NULL,
  content text NOT NULL,
  written_at timestamp with time zone NOT NULL,
  replaced_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  rev integer DEFAULT 1 NOT NULL,
  CONSTRAINT message_versions_pkey PRIMARY KEY (organization_id, message_id, version)
);
CREATE INDEX message_versions_replaced_at ON message_versions USING btree (organization_id, replaced_at);

CREATE TABLE messages (
  organization_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  seq bigint NOT NULL,
  id uuid NOT NULL,
  sender_id uuid,
  subject text,
  content text NOT NULL,
  reply_to_id uuid,
  client_token text,
  request_hash bytea,
  hidden_by integer DEFAULT 0 NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  edited_at timestamp with time zone,
  deleted_at timestamp with time zone,
  api_key_id uuid,
  rev integer DEFAULT 1 NOT NULL,
  CONSTRAINT messages_pkey PRIMARY KEY (organization_id, thread_id, seq),
  CONSTRAINT messages_client_token_length CHECK (char_length(client_token) >= 1 AND char_length(client_token) <= 255),
  CONSTRAINT messages_content_length CHECK (char_length(content) >= 1 AND char_length(content) <= 5000),
  CONSTRAINT messages_id UNIQUE (organization_id, id),
  CONSTRAINT messages_subject_length CHECK (char_length(subject) >= 1 AND char_length(subject) <= 100)
);
CREATE UNIQUE INDEX messages_client_token ON messages USING btree (organization_id, sender_id, client_token) WHERE client_token IS NOT NULL;
CREATE INDEX messages_deleted ON messages USING btree (organization_id, thread_id, seq, sender_id) WHERE deleted_at IS NOT NULL;
CREATE INDEX messages_sender ON messages USING btree (organization_id, sender_id, thread_id, seq);
CREATE TRIGGER log_deletion AFTER UPDATE OF deleted_at, sender_id ON messages FOR EACH ROW WHEN (old.deleted_at IS DISTINCT FROM new.deleted_at OR old.sender_id IS DISTINCT FROM new.sender_id) EXECUTE FUNCTION log_deletion();
CREATE TRIGGER log_edit AFTER UPDATE OF content ON messages FOR EACH ROW WHEN (old.content IS DISTINCT FROM new.content) EXECUTE FUNCTION log_message();
CREATE TRIGGER log_message AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION log_message();

CREATE TABLE messaging_rules (
  organization_id uuid NOT NULL,
  from_role text NOT NULL,
  to_role text NOT NULL,
  allows text NOT NULL,
  reply_window_days integer,
  CONSTRAINT messaging_rules_pkey PRIMARY KEY (organization_id, from_role, to_role),
  CONSTRAINT messaging_rules_allows_known CHECK (allows = ANY (ARRAY['initiate'::text, 'reply'::text, 'deny'::text])),
  CONSTRAINT messaging_rules_reply_window_days_range CHECK (reply_window_days >= 1 AND reply_window_days <= 3650),
  CONSTRAINT messaging_rules_window_of_reply CHECK (reply_window_days IS NULL OR allows = 'reply'::text)
);
CREATE INDEX messaging_rules_to_role ON messaging_rules USING btree (organization_id, to_role);

CREATE TABLE messaging_settings (
  organization_id uuid NOT NULL,
  delete_window_hours integer NOT NULL,
  CONSTRAINT messaging_settings_pkey PRIMARY KEY (organization_id),
  CONSTRAINT messaging_settings_delete_window_hours_range CHECK (delete_window_hours >= 0 AND delete_window_hours <= 87600)
);

CREATE TABLE migrations (
  id integer DEFAULT nextval('migrations_id_seq'::regclass) NOT NULL,
  "timestamp" bigint NOT NULL,
  name character varying NOT NULL,
  CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id)
);

CREATE TABLE notification_requests (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  audience jsonb NOT NULL,
  content jsonb NOT NULL,
  status text NOT NULL,
  recipients integer,
  notified integer DEFAULT 0 NOT NULL,
  expanded_to uuid,
  deliver_at timestamp with time zone,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  finished_at timestamp with time zone,
  CONSTRAINT notification_requests_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT notification_requests_status_known CHECK (status = ANY (ARRAY['scheduled'::text, 'sending'::text, 'sent'::text, 'retracted'::text]))
);
CREATE INDEX notification_requests_finished_at ON notification_requests USING btree (organization_id, finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE notification_types (
  organization_id uuid NOT NULL,
  name text NOT NULL,
  default_channels jsonb NOT NULL,
  mandatory_channels text[] NOT NULL,
  aggregation_window_seconds integer NOT NULL,
  retention_days integer NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT notification_types_pkey PRIMARY KEY (organization_id, name),
  CONSTRAINT notification_types_aggregation_window_seconds_range CHECK (aggregation_window_seconds >= 0 AND aggregation_window_seconds <= 604800),
  CONSTRAINT notification_types_name_length CHECK (char_length(name) >= 1 AND char_length(name) <= 50),
  CONSTRAINT notification_types_retention_days_range CHECK (retention_days >= 1 AND retention_days <= 3650)
);

CREATE TABLE notifications (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  seq bigint NOT NULL,
  id uuid NOT NULL,
  source_id uuid NOT NULL,
  type text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  data jsonb DEFAULT '{}'::jsonb NOT NULL,
  action_url text,
  priority text NOT NULL,
  actor_id uuid,
  aggregation_id uuid,
  message_seq bigint,
  decisions jsonb NOT NULL,
  suppressed_at timestamp with time zone,
  delivered_via_ws_at timestamp with time zone,
  delivered_via_email_at timestamp with time zone,
  read_at timestamp with time zone,
  archived_at timestamp with time zone,
  deleted_at timestamp with time zone,
  expires_at timestamp with time zone,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT notifications_pkey PRIMARY KEY (organization_id, user_id, seq),
  CONSTRAINT notifications_id UNIQUE (organization_id, id),
  CONSTRAINT notifications_once UNIQUE (organization_id, source_id, user_id),
  CONSTRAINT notifications_priority_known CHECK (priority = ANY (ARRAY['normal'::text, 'urgent'::text])),
  CONSTRAINT notifications_title_length CHECK (char_length(title) >= 1 AND char_length(title) <= 255),
  CONSTRAINT notifications_type_length CHECK (char_length(type) >= 1 AND char_length(type) <= 50)
);
CREATE INDEX notifications_archived ON notifications USING btree (organization_id, user_id, seq, actor_id, expires_at) WHERE archived_at IS NOT NULL AND deleted_at IS NULL AND suppressed_at IS NULL;
CREATE INDEX notifications_archived_type ON notifications USING btree (organization_id, user_id, type, seq, actor_id, expires_at) WHERE archived_at IS NOT NULL AND deleted_at IS NULL AND suppressed_at IS NULL;
CREATE INDEX notifications_created_at ON notifications USING btree (organization_id, type, created_at);
CREATE INDEX notifications_expiring ON notifications USING btree (organization_id, expires_at) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX notifications_not_shown ON notifications USING btree (organization_id, user_id, seq, actor_id, expires_at) WHERE suppressed_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX notifications_not_shown_type ON notifications USING btree (organization_id, user_id, type, seq, actor_id, expires_at) WHERE suppressed_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX notifications_read ON notifications USING btree (organization_id, user_id, seq, actor_id, expires_at) WHERE read_at IS NOT NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL;
CREATE INDEX notifications_read_type ON notifications USING btree (organization_id, user_id, type, seq, actor_id, expires_at) WHERE read_at IS NOT NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL;
CREATE INDEX notifications_suppressed ON notifications USING btree (organization_id, user_id, aggregation_id, seq) WHERE suppressed_at IS NOT NULL AND read_at IS NULL AND deleted_at IS NULL;
CREATE INDEX notifications_unread ON notifications USING btree (organization_id, user_id, seq, actor_id, expires_at) WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL;
CREATE INDEX notifications_unread_expiring ON notifications USING btree (organization_id, user_id, expires_at, type, aggregation_id, actor_id) WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL AND expires_at IS NOT NULL;
CREATE INDEX notifications_unread_group ON notifications USING btree (organization_id, user_id, type, aggregation_id, seq, actor_id, expires_at) WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL;
CREATE INDEX notifications_unread_type ON notifications USING btree (organization_id, user_id, type, seq, actor_id, expires_at) WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL AND suppressed_at IS NULL;
CREATE TRIGGER count_unread_on_delete AFTER DELETE ON notifications REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_unread_on_delete();
CREATE TRIGGER count_unread_on_insert AFTER INSERT ON notifications REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_unread_on_insert();
CREATE TRIGGER count_unread_on_update AFTER UPDATE ON notifications REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_unread_on_update();
CREATE TRIGGER log_changed_notification AFTER UPDATE OF read_at, archived_at, deleted_at, body ON notifications FOR EACH ROW WHEN (old.read_at IS DISTINCT FROM new.read_at OR old.archived_at IS DISTINCT FROM new.archived_at OR old.deleted_at IS DISTINCT FROM new.deleted_at OR old.body IS DISTINCT FROM new.body) EXECUTE FUNCTION log_changed_notification();

CREATE TABLE organization_keys (
  organization_id uuid NOT NULL,
  purpose text NOT NULL,
  secret jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT organization_keys_pkey PRIMARY KEY (organization_id, purpose),
  CONSTRAINT organization_keys_purpose_known CHECK (purpose = ANY (ARRAY['unsubscribe'::text, 'web_push'::text]))
);

CREATE TABLE organization_preferences (
  organization_id uuid NOT NULL,
  document jsonb NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT organization_preferences_pkey PRIMARY KEY (organization_id)
);
CREATE CONSTRAINT TRIGGER forget_presence AFTER UPDATE OF document ON organization_preferences DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.document -> 'presence'::text) IS DISTINCT FROM (new.document -> 'presence'::text)) EXECUTE FUNCTION forget_presence();
CREATE TRIGGER log_organization_preferences AFTER INSERT OR UPDATE ON organization_preferences FOR EACH ROW EXECUTE FUNCTION log_organization_preferences();

CREATE TABLE organizations (
  id uuid NOT NULL,
  name text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT organizations_pkey PRIMARY KEY (id),
  CONSTRAINT organizations_name_length CHECK (char_length(name) >= 1 AND char_length(name) <= 200)
);

CREATE TABLE outbox (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  run_at timestamp with time zone DEFAULT now() NOT NULL,
  attempts integer DEFAULT 0 NOT NULL,
  last_error text,
  CONSTRAINT outbox_pkey PRIMARY KEY (organization_id, run_at, id)
) WITH (fillfactor=80, autovacuum_vacuum_scale_factor=0.02);
CREATE INDEX outbox_due ON outbox USING btree (run_at, id);
CREATE INDEX outbox_unknown ON outbox USING btree (type) WHERE last_error = 'unknown type'::text;

CREATE TABLE participants (
  organization_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  user_id uuid NOT NULL,
  partner_id uuid,
  owner_since timestamp with time zone,
  joined_seq bigint DEFAULT 0 NOT NULL,
  joined_at timestamp with time zone DEFAULT now() NOT NULL,
  left_at timestamp with time zone,
  newest_seq bigint,
  active_at timestamp with time zone,
  settled bigint DEFAULT 0 NOT NULL,
  last_read_seq bigint DEFAULT 0 NOT NULL,
  last_read_at timestamp with time zone,
  last_sent_at timestamp with time zone,
  muted_until timestamp with time zone,
  archived_at timestamp with time zone,
  read_marks_from bigint DEFAULT 0 NOT NULL,
  left_count integer,
  left_version integer DEFAULT 0 NOT NULL,
  earlier_stays tstzmultirange DEFAULT '{}'::tstzmultirange NOT NULL,
  hidden_at timestamp with time zone,
  CONSTRAINT participants_pkey PRIMARY KEY (organization_id, thread_id, user_id),
  CONSTRAINT participants_kept_whole CHECK ((newest_seq IS NULL) = (active_at IS NULL)),
  CONSTRAINT participants_settled_known CHECK (settled >= 0 AND settled <= COALESCE(newest_seq, settled))
) WITH (fillfactor=80);
CREATE INDEX participants_active ON participants USING btree (organization_id, user_id, active_at, thread_id);
CREATE INDEX participants_listed_groups ON participants USING btree (organization_id, user_id, thread_id) WHERE partner_id IS NULL AND hidden_at IS NULL;
CREATE INDEX participants_unread ON participants USING btree (organization_id, user_id, active_at, thread_id, partner_id, newest_seq, settled) WHERE newest_seq > settled;
CREATE TRIGGER count_direct_thread AFTER INSERT ON participants FOR EACH ROW WHEN (new.partner_id IS NOT NULL) EXECUTE FUNCTION count_direct_thread();
CREATE TRIGGER log_changed_participant AFTER UPDATE OF joined_seq, left_at, owner_since ON participants FOR EACH ROW WHEN (old.joined_seq IS DISTINCT FROM new.joined_seq OR old.left_at IS DISTINCT FROM new.left_at OR old.owner_since IS DISTINCT FROM new.owner_since) EXECUTE FUNCTION log_participant();
CREATE TRIGGER log_own_settings AFTER UPDATE OF muted_until, archived_at, hidden_at ON participants FOR EACH ROW WHEN (old.muted_until IS DISTINCT FROM new.muted_until OR old.archived_at IS DISTINCT FROM new.archived_at OR old.hidden_at IS DISTINCT FROM new.hidden_at) EXECUTE FUNCTION log_own_settings();
CREATE TRIGGER log_participant AFTER INSERT ON participants FOR EACH ROW EXECUTE FUNCTION log_participant();
CREATE TRIGGER log_read AFTER UPDATE OF last_read_seq ON participants FOR EACH ROW WHEN (old.last_read_seq IS DISTINCT FROM new.last_read_seq) EXECUTE FUNCTION log_read();

CREATE UNLOGGED TABLE presence (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  process_id uuid NOT NULL,
  state text NOT NULL,
  last_seen_at timestamp with time zone NOT NULL,
  CONSTRAINT presence_pkey PRIMARY KEY (organization_id, user_id, process_id),
  CONSTRAINT presence_state_known CHECK (state = ANY (ARRAY['online'::text, 'away'::text, 'offline'::text]))
) WITH (fillfactor=80);
CREATE INDEX presence_process ON presence USING btree (process_id);

CREATE UNLOGGED TABLE presence_at_block (
  organization_id uuid NOT NULL,
  viewer_id uuid NOT NULL,
  user_id uuid NOT NULL,
  last_seen_at timestamp with time zone NOT NULL,
  CONSTRAINT presence_at_block_pkey PRIMARY KEY (organization_id, viewer_id, user_id)
);

CREATE TABLE push_subscriptions (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  endpoint text NOT NULL,
  p256dh text NOT NULL,
  auth text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT push_subscriptions_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT push_subscriptions_endpoint UNIQUE (organization_id, endpoint),
  CONSTRAINT push_subscriptions_endpoint_length CHECK (char_length(endpoint) >= 1 AND char_length(endpoint) <= 1000)
);
CREATE INDEX push_subscriptions_user ON push_subscriptions USING btree (organization_id, user_id);

CREATE TABLE read_marks (
  organization_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  user_id uuid NOT NULL,
  seq bigint NOT NULL,
  read_at timestamp with time zone NOT NULL,
  CONSTRAINT read_marks_pkey PRIMARY KEY (organization_id, thread_id, user_id, seq)
);
CREATE INDEX read_marks_read_at ON read_marks USING btree (organization_id, read_at);

CREATE TABLE roles (
  organization_id uuid NOT NULL,
  name text NOT NULL,
  permissions text[] NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT roles_pkey PRIMARY KEY (organization_id, name),
  CONSTRAINT roles_name_length CHECK (char_length(name) >= 1 AND char_length(name) <= 50)
);
CREATE TRIGGER announce_role AFTER DELETE OR UPDATE ON roles FOR EACH ROW EXECUTE FUNCTION announce_memberships();

CREATE TABLE thread_subjects (
  organization_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  version integer NOT NULL,
  subject text,
  changed_by uuid,
  changed_at timestamp with time zone NOT NULL,
  CONSTRAINT thread_subjects_pkey PRIMARY KEY (organization_id, thread_id, version)
);

CREATE TABLE threads (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  pair_low uuid,
  pair_high uuid,
  subject text,
  context_type text,
  context_id text,
  context_label text,
  participant_count integer NOT NULL,
  last_seq bigint DEFAULT 0 NOT NULL,
  last_message_at timestamp with time zone,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  subject_version integer DEFAULT 0 NOT NULL,
  CONSTRAINT threads_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT threads_context_id_length CHECK (char_length(context_id) >= 1 AND char_length(context_id) <= 200),
  CONSTRAINT threads_context_label_length CHECK (char_length(context_label) >= 1 AND char_length(context_label) <= 200),
  CONSTRAINT threads_context_type_length CHECK (char_length(context_type) >= 1 AND char_length(context_type) <= 50),
  CONSTRAINT threads_context_whole CHECK ((context_type IS NULL) = (context_id IS NULL)),
  CONSTRAINT threads_kind_known CHECK (kind = ANY (ARRAY['direct'::text, 'group'::text])),
  CONSTRAINT threads_pair_of_direct CHECK (
CASE kind
    WHEN 'direct'::text THEN pair_low < pair_high
    ELSE pair_low IS NULL AND pair_high IS NULL
END),
  CONSTRAINT threads_subject_length CHECK (char_length(subject) >= 1 AND char_length(subject) <= 100)
) WITH (fillfactor=80);
CREATE INDEX threads_context ON threads USING btree (organization_id, context_type, context_id) WHERE context_type IS NOT NULL;
CREATE UNIQUE INDEX threads_pair ON threads USING btree (organization_id, pair_low, pair_high) WHERE kind = 'direct'::text;
CREATE TRIGGER keep_subject BEFORE UPDATE OF subject ON threads FOR EACH ROW WHEN (old.subject IS DISTINCT FROM new.subject) EXECUTE FUNCTION keep_subject();
CREATE TRIGGER log_subject AFTER UPDATE OF subject ON threads FOR EACH ROW WHEN (old.subject IS DISTINCT FROM new.subject) EXECUTE FUNCTION log_subject();

CREATE TABLE unread_counts (
  organization_id uuid NOT NULL,
  user_id uuid NOT NULL,
  type text NOT NULL,
  aggregation_id uuid NOT NULL,
  actor_id uuid NOT NULL,
  unread bigint NOT NULL,
  CONSTRAINT unread_counts_pkey PRIMARY KEY (organization_id, user_id, type, aggregation_id, actor_id)
) WITH (fillfactor=70);

CREATE TABLE user_deletions (
  user_id uuid NOT NULL,
  api_key_id uuid,
  request_id text NOT NULL,
  rows_erased bigint DEFAULT 0 NOT NULL,
  requested_at timestamp with time zone DEFAULT now() NOT NULL,
  finished_at timestamp with time zone,
  CONSTRAINT user_deletions_pkey PRIMARY KEY (user_id)
);
CREATE TRIGGER announce_deletion AFTER INSERT ON user_deletions FOR EACH ROW EXECUTE FUNCTION announce_memberships();

CREATE TABLE user_preferences (
  user_id uuid NOT NULL,
  document jsonb NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT user_preferences_pkey PRIMARY KEY (user_id)
);

CREATE TABLE users (
  id uuid NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  CONSTRAINT users_pkey PRIMARY KEY (id)
);

CREATE TABLE webhook_endpoints (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  url text NOT NULL,
  types text[],
  secret text NOT NULL,
  previous_secret text,
  previous_secret_until timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason text,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  updated_at timestamp with time zone DEFAULT now() NOT NULL,
  configured_by_kind text,
  configured_by_user_id uuid,
  configured_by_key_id uuid,
  configured_at timestamp with time zone DEFAULT now() NOT NULL,
  older_secret text,
  older_secret_until timestamp with time zone,
  failing_since timestamp with time zone,
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (organization_id, id),
  CONSTRAINT webhook_endpoints_configured_by_kind_known CHECK (configured_by_kind = ANY (ARRAY['person'::text, 'service'::text, 'platform'::text])),
  CONSTRAINT webhook_endpoints_url_length CHECK (char_length(url) >= 1 AND char_length(url) <= 2000)
);

-- Partitions

CREATE TABLE changes_0 PARTITION OF changes FOR VALUES IN ('0');
CREATE TABLE changes_1 PARTITION OF changes FOR VALUES IN ('1');
CREATE TABLE changes_2 PARTITION OF changes FOR VALUES IN ('2');
CREATE TABLE changes_3 PARTITION OF changes FOR VALUES IN ('3');

-- What sequences belong to

ALTER SEQUENCE migrations_id_seq OWNED BY migrations.id;

-- Functions of SQL, which depend on tables and on each other

CREATE OR REPLACE FUNCTION tidings.app_is_being_deleted(person uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM user_deletions
           WHERE ((user_deletions.user_id = app_is_being_deleted.person) AND (user_deletions.finished_at IS NULL)))) AS "exists";
END;

CREATE OR REPLACE FUNCTION tidings.app_is_platform()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN COALESCE((current_setting('tidings.scope'::text, true) = 'platform'::text), false);

CREATE OR REPLACE FUNCTION tidings.app_lock_platform_key(key uuid)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM ( SELECT
                    FROM api_keys
                   WHERE ((api_keys.organization_id = '00000000-0000-0000-0000-000000000000'::uuid) AND (api_keys.id = app_lock_platform_key.key) AND (api_keys.revoked_at IS NULL) AND ((api_keys.expires_at IS NULL) OR (api_keys.expires_at > now())))
                  FOR SHARE OF api_keys) live)) AS "exists";
END;

CREATE OR REPLACE FUNCTION tidings.app_organization()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('tidings.organization_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION tidings.app_organization_wide()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN COALESCE((current_setting('tidings.scope'::text, true) = 'organization'::text), false);

CREATE OR REPLACE FUNCTION tidings.app_platform_key_is_live(key uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM api_keys
           WHERE ((api_keys.organization_id = '00000000-0000-0000-0000-000000000000'::uuid) AND (api_keys.id = app_platform_key_is_live.key) AND (api_keys.revoked_at IS NULL) AND ((api_keys.expires_at IS NULL) OR (api_keys.expires_at > now()))))) AS "exists";
END;

CREATE OR REPLACE FUNCTION tidings.app_user()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('tidings.user_id'::text, true), ''::text))::uuid;

CREATE OR REPLACE FUNCTION tidings.renew_presence(process uuid)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 WITH renewed AS (
          UPDATE presence SET last_seen_at = clock_timestamp()
           WHERE ((presence.process_id = renew_presence.process) AND (presence.state <> 'offline'::text) AND (presence.last_seen_at > (clock_timestamp() - '00:00:55'::interval)))
           RETURNING true AS "?column?"
         )
  SELECT (count(*))::integer AS count
    FROM renewed;
END;

CREATE OR REPLACE FUNCTION tidings.app_admits(thread uuid, person uuid, partner uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
BEGIN ATOMIC
 SELECT (EXISTS ( SELECT
            FROM threads
           WHERE ((threads.organization_id = app_organization()) AND (threads.id = app_admits.thread) AND
                 CASE threads.kind
                     WHEN 'direct'::text THEN (((app_user() = threads.pair_low) OR (app_user() = threads.pair_high)) AND (threads.pair_low = LEAST(app_admits.person, app_admits.partner)) AND (threads.pair_high = GREATEST(app_admits.person, app_admits.partner)))
                     ELSE ((app_admits.partner IS NULL) AND ((threads.xmin = (pg_current_xact_id())::xid) OR (EXISTS ( SELECT
                        FROM participants
                       WHERE ((participants.organization_id = app_organization()) AND (participants.thread_id = app_admits.thread) AND (participants.user_id = app_user()) AND (participants.left_at IS NULL))))))
                 END))) AS "exists";
END;

CREATE OR REPLACE FUNCTION tidings.app_blockers()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 5
BEGIN ATOMIC
 SELECT blocks.blocker_id
    FROM blocks
   WHERE ((blocks.organization_id = app_organization()) AND (blocks.blocked_id = app_user()));
END;

CREATE OR REPLACE FUNCTION tidings.app_count_erased(person uuid, erased integer)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 UPDATE user_deletions SET rows_erased = (user_deletions.rows_erased + app_count_erased.erased)
   WHERE ((user_deletions.user_id = app_count_erased.person) AND ( SELECT (app_organization_wide() AND app_is_being_deleted(app_count_erased.person))));
END;

CREATE OR REPLACE FUNCTION tidings.app_erase_hidden_messages(person uuid, most integer)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 WITH gone AS (
          DELETE FROM hidden_messages
           WHERE ((hidden_messages.organization_id = app_organization()) AND ((hidden_messages.thread_id, hidden_messages.user_id, hidden_messages.seq) IN ( SELECT next.thread_id,
                     next.user_id,
                     next.seq
                    FROM (participants part
                      CROSS JOIN LATERAL ( SELECT hidden_messages_1.thread_id,
                             hidden_messages_1.user_id,
                             hidden_messages_1.seq
                            FROM hidden_messages hidden_messages_1
                           WHERE ((hidden_messages_1.organization_id = part.organization_id) AND (hidden_messages_1.thread_id = part.thread_id) AND (hidden_messages_1.user_id = part.user_id))
                          LIMIT app_erase_hidden_messages.most) next)
                   WHERE ((part.organization_id = app_organization()) AND (part.user_id = app_erase_hidden_messages.person) AND ( SELECT (app_organization_wide() AND app_is_being_deleted(app_erase_hidden_messages.person))))
                  LIMIT app_erase_hidden_messages.most)))
           RETURNING true AS "?column?"
         )
  SELECT (count(*))::integer AS count
    FROM gone;
END;

CREATE OR REPLACE FUNCTION tidings.app_erase_idempotency_keys(person uuid, most integer)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 WITH gone AS (
          DELETE FROM idempotency_keys
           WHERE ((idempotency_keys.organization_id = app_organization()) AND ((idempotency_keys.principal, idempotency_keys.key) IN ( SELECT next.principal,
                     next.key
                    FROM (( SELECT ('person:'::text || app_erase_idempotency_keys.person) AS "?column?"
                         UNION ALL
                          SELECT ('platform:'::text || app_erase_idempotency_keys.person)
                         UNION ALL
                          SELECT (((known.kind || api_keys.id) || ':'::text) || app_erase_idempotency_keys.person)
                            FROM (api_keys
                              CROSS JOIN ( VALUES ('service:'::text), ('platform:'::text)) known(kind))) own(name)
                      CROSS JOIN LATERAL ( SELECT idempotency_keys_1.principal,
                             idempotency_keys_1.key
                            FROM idempotency_keys idempotency_keys_1
                           WHERE ((idempotency_keys_1.organization_id = app_organization()) AND (idempotency_keys_1.principal = own.name))
                          LIMIT app_erase_idempotency_keys.most) next)
                   WHERE ( SELECT (app_organization_wide() AND app_is_being_deleted(app_erase_idempotency_keys.person)))
                  LIMIT app_erase_idempotency_keys.most)))
           RETURNING true AS "?column?"
         )
  SELECT (count(*))::integer AS count
    FROM gone;
END;

CREATE OR REPLACE FUNCTION tidings.app_erase_member(person uuid)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 WITH gone AS (
          DELETE FROM members
           WHERE ((members.organization_id = app_organization()) AND (members.user_id = app_erase_member.person) AND ( SELECT (app_organization_wide() AND app_is_being_deleted(app_erase_member.person))))
           RETURNING true AS "?column?"
         )
  SELECT (count(*))::integer AS count
    FROM gone;
END;

CREATE OR REPLACE FUNCTION tidings.app_erase_read_marks(person uuid, most integer)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 WITH gone AS (
          DELETE FROM read_marks
           WHERE ((read_marks.organization_id = app_organization()) AND ((read_marks.thread_id, read_marks.user_id, read_marks.seq) IN ( SELECT next.thread_id,
                     next.user_id,
                     next.seq
                    FROM (participants part
                      CROSS JOIN LATERAL ( SELECT read_marks_1.thread_id,
                             read_marks_1.user_id,
                             read_marks_1.seq
                            FROM read_marks read_marks_1
                           WHERE ((read_marks_1.organization_id = part.organization_id) AND (read_marks_1.thread_id = part.thread_id) AND (read_marks_1.user_id = part.user_id))
                          LIMIT app_erase_read_marks.most) next)
                   WHERE ((part.organization_id = app_organization()) AND (part.user_id = app_erase_read_marks.person) AND ( SELECT (app_organization_wide() AND app_is_being_deleted(app_erase_read_marks.person))))
                  LIMIT app_erase_read_marks.most)))
           RETURNING true AS "?column?"
         )
  SELECT (count(*))::integer AS count
    FROM gone;
END;

CREATE OR REPLACE FUNCTION tidings.app_erase_sender(person uuid, threads uuid[], seqs bigint[])
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 WITH gone AS (
          UPDATE messages SET sender_id = NULL::uuid, client_token = NULL::text, request_hash = NULL::bytea, rev = (messages.rev + 1)
            FROM UNNEST(app_erase_sender.threads, app_erase_sender.seqs) sent(in_thread, at_seq)
           WHERE ((messages.organization_id = app_organization()) AND (messages.thread_id = sent.in_thread) AND (messages.seq = sent.at_seq) AND (messages.sender_id = app_erase_sender.person) AND ( SELECT (app_organization_wide() AND app_is_being_deleted(app_erase_sender.person))))
           RETURNING true AS "?column?"
         )
  SELECT (count(*))::integer AS count
    FROM gone;
END;

CREATE OR REPLACE FUNCTION tidings.app_groups()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 20
BEGIN ATOMIC
 SELECT participants.thread_id
    FROM participants
   WHERE ((participants.organization_id = app_organization()) AND (participants.user_id = app_user()) AND (participants.partner_id IS NULL) AND (participants.hidden_at IS NULL));
END;

CREATE OR REPLACE FUNCTION tidings.app_is_leaving(person uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
BEGIN ATOMIC
 SELECT ((EXISTS ( SELECT
            FROM members
           WHERE ((members.organization_id = app_organization()) AND (members.user_id = app_is_leaving.person) AND (members.removed_at IS NOT NULL)))) AND (EXISTS ( SELECT
            FROM participants
           WHERE ((participants.organization_id = app_organization()) AND (participants.user_id = app_is_leaving.person) AND (participants.partner_id IS NULL) AND (participants.left_at IS NULL)))));
END;

CREATE OR REPLACE FUNCTION tidings.app_leave_groups(person uuid, most integer)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'tidings', 'pg_temp'
BEGIN ATOMIC
 SELECT leave_groups(app_organization(), person, most) AS leave_groups
   WHERE app_organization_wide();
END;

CREATE OR REPLACE FUNCTION tidings.app_leave_threads(person uuid, left_threads uuid[])
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
BEGIN ATOMIC
 WITH direct AS MATERIALIZED (
          SELECT threads.id,
             gen_random_uuid() AS nobody,
                 CASE app_leave_threads.person
                     WHEN threads.pair_low THEN threads.pair_high
                     ELSE threads.pair_low
                 END AS partner
            FROM threads
           WHERE ((threads.organization_id = app_organization()) AND (threads.id = ANY (app_leave_threads.left_threads)) AND ((app_leave_threads.person = threads.pair_low) OR (app_leave_threads.person = threads.pair_high)) AND ( SELECT (app_organization_wide() AND app_is_being_deleted(app_leave_threads.person))))
         ), thread AS (
          UPDATE threads SET pair_low = LEAST(direct.partner, direct.nobody), pair_high = GREATEST(direct.partner, direct.nobody)
            FROM direct
           WHERE ((threads.organization_id = app_organization()) AND (threads.id = direct.id))
         ), kept AS (
          UPDATE participants SET partner_id = direct.nobody
            FROM direct
           WHERE ((participants.organization_id = app_organization()) AND (participants.thread_id = direct.id) AND (participants.user_id = direct.partner))
         ), gone AS (
          DELETE FROM participants
           WHERE ((participants.organization_id = app_organization()) AND (participants.thread_id = ANY (app_leave_threads.left_threads)) AND (participants.user_id = app_leave_threads.person) AND ( SELECT (app_organization_wide() AND app_is_being_deleted(app_leave_threads.person))))
           RETURNING true AS "?column?"
         )
  SELECT (count(*))::integer AS count
    FROM gone;
END;

CREATE OR REPLACE FUNCTION tidings.app_organizations_of(person uuid)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
BEGIN ATOMIC
 SELECT members.organization_id
    FROM members
   WHERE ((members.user_id = app_organizations_of.person) AND ( SELECT app_is_platform() AS app_is_platform));
END;

CREATE OR REPLACE FUNCTION tidings.app_person_at_group_limit(people uuid[])
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
BEGIN ATOMIC
 SELECT person.person
    FROM unnest(app_person_at_group_limit.people) person(person)
   WHERE (5000 = ( SELECT count(*) AS count
            FROM ( SELECT
                    FROM participants
                   WHERE ((participants.organization_id = app_organization()) AND (participants.user_id = person.person) AND (participants.partner_id IS NULL) AND (participants.hidden_at IS NULL))
                  LIMIT 5000) listed))
  LIMIT 1;
END;

-- Foreign keys

ALTER TABLE act_as_reads ADD CONSTRAINT act_as_reads_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE blocks ADD CONSTRAINT blocks_blocked_fkey FOREIGN KEY (organization_id, blocked_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE blocks ADD CONSTRAINT blocks_blocker_fkey FOREIGN KEY (organization_id, blocker_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_notification_fkey FOREIGN KEY (organization_id, notification_id) REFERENCES notifications(organization_id, id) ON DELETE CASCADE;
ALTER TABLE feeds ADD CONSTRAINT feeds_member_fkey FOREIGN KEY (organization_id, user_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE hidden_messages ADD CONSTRAINT hidden_messages_message_fkey FOREIGN KEY (organization_id, thread_id, seq) REFERENCES messages(organization_id, thread_id, seq) ON DELETE CASCADE;
ALTER TABLE hidden_messages ADD CONSTRAINT hidden_messages_participant_fkey FOREIGN KEY (organization_id, thread_id, user_id) REFERENCES participants(organization_id, thread_id, user_id) ON DELETE CASCADE;
ALTER TABLE idempotency_keys ADD CONSTRAINT idempotency_keys_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE member_preferences ADD CONSTRAINT member_preferences_member_fkey FOREIGN KEY (organization_id, user_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE member_words ADD CONSTRAINT member_words_member_fkey FOREIGN KEY (organization_id, user_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE members ADD CONSTRAINT members_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE members ADD CONSTRAINT members_role_fkey FOREIGN KEY (organization_id, role) REFERENCES roles(organization_id, name);
ALTER TABLE members ADD CONSTRAINT members_user_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
ALTER TABLE message_versions ADD CONSTRAINT message_versions_message_fkey FOREIGN KEY (organization_id, message_id) REFERENCES messages(organization_id, id) ON DELETE CASCADE;
ALTER TABLE messages ADD CONSTRAINT messages_reply_to_fkey FOREIGN KEY (organization_id, reply_to_id) REFERENCES messages(organization_id, id);
ALTER TABLE messages ADD CONSTRAINT messages_sender_fkey FOREIGN KEY (organization_id, sender_id) REFERENCES members(organization_id, user_id) ON DELETE SET NULL (sender_id);
ALTER TABLE messages ADD CONSTRAINT messages_thread_fkey FOREIGN KEY (organization_id, thread_id) REFERENCES threads(organization_id, id) ON DELETE CASCADE;
ALTER TABLE messaging_rules ADD CONSTRAINT messaging_rules_from_role_fkey FOREIGN KEY (organization_id, from_role) REFERENCES roles(organization_id, name) ON DELETE CASCADE;
ALTER TABLE messaging_rules ADD CONSTRAINT messaging_rules_to_role_fkey FOREIGN KEY (organization_id, to_role) REFERENCES roles(organization_id, name) ON DELETE CASCADE;
ALTER TABLE messaging_settings ADD CONSTRAINT messaging_settings_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE notification_requests ADD CONSTRAINT notification_requests_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE notification_types ADD CONSTRAINT notification_types_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE notifications ADD CONSTRAINT notifications_member_fkey FOREIGN KEY (organization_id, user_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE organization_keys ADD CONSTRAINT organization_keys_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE organization_preferences ADD CONSTRAINT organization_preferences_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE participants ADD CONSTRAINT participants_member_fkey FOREIGN KEY (organization_id, user_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE participants ADD CONSTRAINT participants_thread_fkey FOREIGN KEY (organization_id, thread_id) REFERENCES threads(organization_id, id) ON DELETE CASCADE;
ALTER TABLE push_subscriptions ADD CONSTRAINT push_subscriptions_member_fkey FOREIGN KEY (organization_id, user_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE read_marks ADD CONSTRAINT read_marks_participant_fkey FOREIGN KEY (organization_id, thread_id, user_id) REFERENCES participants(organization_id, thread_id, user_id) ON DELETE CASCADE;
ALTER TABLE roles ADD CONSTRAINT roles_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE thread_subjects ADD CONSTRAINT thread_subjects_thread_fkey FOREIGN KEY (organization_id, thread_id) REFERENCES threads(organization_id, id) ON DELETE CASCADE;
ALTER TABLE threads ADD CONSTRAINT threads_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;
ALTER TABLE unread_counts ADD CONSTRAINT unread_counts_member_fkey FOREIGN KEY (organization_id, user_id) REFERENCES members(organization_id, user_id) ON DELETE CASCADE;
ALTER TABLE user_preferences ADD CONSTRAINT user_preferences_user_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
ALTER TABLE webhook_endpoints ADD CONSTRAINT webhook_endpoints_organization_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id) ON DELETE CASCADE;

-- Row-level security

ALTER TABLE act_as_reads ENABLE ROW LEVEL SECURITY;
ALTER TABLE act_as_reads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON act_as_reads FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY erasure ON api_keys FOR ALL TO tidings_owner
  USING (organization_id = app_organization() AND app_organization_wide());
CREATE POLICY platform_keys_select ON api_keys FOR SELECT TO tidings_owner
  USING (organization_id = '00000000-0000-0000-0000-000000000000'::uuid);
CREATE POLICY platform_keys_update ON api_keys FOR UPDATE TO tidings_owner
  USING (organization_id = '00000000-0000-0000-0000-000000000000'::uuid);
CREATE POLICY retention ON api_keys AS RESTRICTIVE FOR DELETE TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END);
CREATE POLICY tenant ON api_keys FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_entries FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE blocks FORCE ROW LEVEL SECURITY;
CREATE POLICY asked_by_function ON blocks FOR SELECT TO tidings_owner
  USING (organization_id = app_organization());
CREATE POLICY own ON blocks AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN blocker_id THEN true
        ELSE false
    END
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN blocker_id THEN true
        ELSE false
    END
END);
CREATE POLICY tenant ON blocks FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes FORCE ROW LEVEL SECURITY;
CREATE POLICY concerned ON changes AS RESTRICTIVE FOR SELECT TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE
        WHEN user_id IS NOT NULL THEN user_id = (( SELECT app_user() AS app_user))
        WHEN thread_id IS NOT NULL THEN (EXISTS ( SELECT
           FROM participants
          WHERE participants.organization_id = changes.organization_id AND participants.thread_id = changes.thread_id AND participants.user_id = (( SELECT app_user() AS app_user))
         OFFSET 0))
        ELSE (EXISTS ( SELECT
           FROM members
          WHERE members.organization_id = changes.organization_id AND members.user_id = (( SELECT app_user() AS app_user)) AND members.removed_at IS NULL
         OFFSET 0))
    END
END);
CREATE POLICY logged ON changes FOR INSERT TO tidings_owner
  WITH CHECK (true);
CREATE POLICY tenant ON changes FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE changes_0 ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes_0 FORCE ROW LEVEL SECURITY;

ALTER TABLE changes_1 ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes_1 FORCE ROW LEVEL SECURITY;

ALTER TABLE changes_2 ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes_2 FORCE ROW LEVEL SECURITY;

ALTER TABLE changes_3 ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes_3 FORCE ROW LEVEL SECURITY;

ALTER TABLE dead_letters ENABLE ROW LEVEL SECURITY;
ALTER TABLE dead_letters FORCE ROW LEVEL SECURITY;
CREATE POLICY relay ON dead_letters FOR ALL TO tidings_relay
  USING (true);
CREATE POLICY tenant ON dead_letters FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON deliveries AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END);
CREATE POLICY relay ON deliveries FOR ALL TO tidings_relay
  USING (true);
CREATE POLICY tenant ON deliveries FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE feeds ENABLE ROW LEVEL SECURITY;
ALTER TABLE feeds FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON feeds AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END);
CREATE POLICY tenant ON feeds FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE hidden_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE hidden_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY erasure ON hidden_messages FOR ALL TO tidings_owner
  USING (organization_id = app_organization() AND app_organization_wide());
CREATE POLICY own ON hidden_messages AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END);
CREATE POLICY tenant ON hidden_messages FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY erasure ON idempotency_keys FOR ALL TO tidings_owner
  USING (organization_id = app_organization() AND app_organization_wide());
CREATE POLICY relay ON idempotency_keys FOR ALL TO tidings_relay
  USING (true);
CREATE POLICY tenant ON idempotency_keys FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE member_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE member_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON member_preferences AS RESTRICTIVE FOR SELECT TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END);
CREATE POLICY own_insert ON member_preferences AS RESTRICTIVE FOR INSERT TO tidings_request
  WITH CHECK (user_id = (( SELECT app_user() AS app_user)));
CREATE POLICY own_update ON member_preferences AS RESTRICTIVE FOR UPDATE TO tidings_request
  USING (user_id = (( SELECT app_user() AS app_user)))
  WITH CHECK (user_id = (( SELECT app_user() AS app_user)));
CREATE POLICY tenant ON member_preferences FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE member_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE member_words FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON member_words FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
CREATE POLICY asked_by_function ON members FOR SELECT TO tidings_owner
  USING (organization_id = app_organization());
CREATE POLICY erasure ON members FOR ALL TO tidings_owner
  USING (organization_id = app_organization() AND app_organization_wide());
CREATE POLICY listed_for_deletion ON members FOR SELECT TO tidings_owner
  USING (app_is_platform());
CREATE POLICY tenant ON members FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE message_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY own_change ON message_versions AS RESTRICTIVE FOR INSERT TO tidings_request
  WITH CHECK ((EXISTS ( SELECT
   FROM messages
  WHERE messages.organization_id = message_versions.organization_id AND messages.id = message_versions.message_id AND
        CASE
            WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
            ELSE
            CASE ( SELECT app_user() AS app_user)
                WHEN messages.sender_id THEN true
                ELSE false
            END
        END
 OFFSET 0)));
CREATE POLICY participation ON message_versions AS RESTRICTIVE FOR ALL TO tidings_request
  USING ((EXISTS ( SELECT
   FROM messages
  WHERE messages.organization_id = message_versions.organization_id AND messages.id = message_versions.message_id
 OFFSET 0)))
  WITH CHECK ((EXISTS ( SELECT
   FROM messages
  WHERE messages.organization_id = message_versions.organization_id AND messages.id = message_versions.message_id
 OFFSET 0)));
CREATE POLICY retention ON message_versions AS RESTRICTIVE FOR DELETE TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END);
CREATE POLICY tenant ON message_versions FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY erasure ON messages FOR ALL TO tidings_owner
  USING (organization_id = app_organization() AND app_organization_wide());
CREATE POLICY own_change ON messages AS RESTRICTIVE FOR UPDATE TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN sender_id THEN true
        ELSE false
    END
END)
  WITH CHECK (true);
CREATE POLICY own_sending ON messages AS RESTRICTIVE FOR INSERT TO tidings_request
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN sender_id THEN true
        ELSE false
    END
END AND (EXISTS ( SELECT
   FROM participants
  WHERE participants.organization_id = messages.organization_id AND participants.thread_id = messages.thread_id AND participants.left_at IS NULL AND participants.user_id = messages.sender_id
 OFFSET 0)));
CREATE POLICY participation ON messages AS RESTRICTIVE FOR SELECT TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE (EXISTS ( SELECT
       FROM participants
      WHERE participants.organization_id = messages.organization_id AND participants.thread_id = messages.thread_id AND participants.hidden_at IS NULL AND messages.seq > participants.joined_seq AND (participants.left_at IS NULL OR messages.seq <= participants.newest_seq) AND participants.user_id = (( SELECT app_user() AS app_user))
     OFFSET 0))
END);
CREATE POLICY participation_changed ON messages AS RESTRICTIVE FOR UPDATE TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE (EXISTS ( SELECT
       FROM participants
      WHERE participants.organization_id = messages.organization_id AND participants.thread_id = messages.thread_id AND participants.hidden_at IS NULL AND messages.seq > participants.joined_seq AND (participants.left_at IS NULL OR messages.seq <= participants.newest_seq) AND participants.user_id = (( SELECT app_user() AS app_user))
     OFFSET 0))
END)
  WITH CHECK (true);
CREATE POLICY tenant ON messages FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE messaging_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE messaging_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messaging_rules FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE messaging_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE messaging_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON messaging_settings FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE notification_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY retention ON notification_requests AS RESTRICTIVE FOR DELETE TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END);
CREATE POLICY tenant ON notification_requests FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE notification_types ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_types FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notification_types FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE notifications FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON notifications AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END);
CREATE POLICY tenant ON notifications FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE organization_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization_keys FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));
CREATE POLICY whole_organization ON organization_keys AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END);

ALTER TABLE organization_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization_preferences FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY relay ON organizations FOR ALL TO tidings_relay
  USING (true);
CREATE POLICY tenant ON organizations FOR ALL TO tidings_request
  USING (id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY relay ON outbox FOR ALL TO tidings_relay
  USING (true);
CREATE POLICY tenant ON outbox FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE participants ENABLE ROW LEVEL SECURITY;
ALTER TABLE participants FORCE ROW LEVEL SECURITY;
CREATE POLICY admission ON participants AS RESTRICTIVE FOR INSERT TO tidings_request
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE app_admits(thread_id, user_id, partner_id)
END);
CREATE POLICY asked_by_function ON participants FOR SELECT TO tidings_owner
  USING (organization_id = app_organization());
CREATE POLICY erasure ON participants FOR ALL TO tidings_owner
  USING (organization_id = app_organization() AND app_organization_wide());
CREATE POLICY left_by_function ON participants FOR UPDATE TO tidings_owner
  USING (organization_id = app_organization());
CREATE POLICY participation ON participants AS RESTRICTIVE FOR SELECT TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        WHEN partner_id THEN true
        ELSE (thread_id IN ( SELECT app_groups() AS app_groups))
    END
END);
CREATE POLICY participation_changed ON participants AS RESTRICTIVE FOR UPDATE TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        WHEN partner_id THEN true
        ELSE (thread_id IN ( SELECT app_groups() AS app_groups))
    END
END)
  WITH CHECK (true);
CREATE POLICY tenant ON participants FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE presence ENABLE ROW LEVEL SECURITY;
ALTER TABLE presence FORCE ROW LEVEL SECURITY;
CREATE POLICY functions ON presence FOR ALL TO tidings_owner
  USING (true)
  WITH CHECK (true);
CREATE POLICY tenant ON presence FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));
CREATE POLICY whole_organization ON presence AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END);

ALTER TABLE presence_at_block ENABLE ROW LEVEL SECURITY;
ALTER TABLE presence_at_block FORCE ROW LEVEL SECURITY;
CREATE POLICY functions ON presence_at_block FOR ALL TO tidings_owner
  USING (true)
  WITH CHECK (true);
CREATE POLICY tenant ON presence_at_block FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));
CREATE POLICY whole_organization ON presence_at_block AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END);

ALTER TABLE push_subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE push_subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON push_subscriptions AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END);
CREATE POLICY tenant ON push_subscriptions FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE read_marks ENABLE ROW LEVEL SECURITY;
ALTER TABLE read_marks FORCE ROW LEVEL SECURITY;
CREATE POLICY erasure ON read_marks FOR ALL TO tidings_owner
  USING (organization_id = app_organization() AND app_organization_wide());
CREATE POLICY own ON read_marks AS RESTRICTIVE FOR INSERT TO tidings_request
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END);
CREATE POLICY participation ON read_marks AS RESTRICTIVE FOR SELECT TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE (EXISTS ( SELECT
       FROM participants
      WHERE participants.organization_id = read_marks.organization_id AND participants.thread_id = read_marks.thread_id AND participants.hidden_at IS NULL AND participants.user_id = (( SELECT app_user() AS app_user))
     OFFSET 0))
END);
CREATE POLICY retention ON read_marks AS RESTRICTIVE FOR DELETE TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END);
CREATE POLICY tenant ON read_marks FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON roles FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE thread_subjects ENABLE ROW LEVEL SECURITY;
ALTER TABLE thread_subjects FORCE ROW LEVEL SECURITY;
CREATE POLICY kept_by_trigger ON thread_subjects FOR INSERT TO tidings_owner
  WITH CHECK (organization_id = app_organization());
CREATE POLICY participation ON thread_subjects AS RESTRICTIVE FOR SELECT TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE (EXISTS ( SELECT
       FROM participants
      WHERE participants.organization_id = thread_subjects.organization_id AND participants.thread_id = thread_subjects.thread_id AND participants.hidden_at IS NULL AND (participants.left_at IS NULL OR thread_subjects.version <= participants.left_version) AND participants.user_id = (( SELECT app_user() AS app_user))
     OFFSET 0))
END);
CREATE POLICY tenant ON thread_subjects FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE threads ENABLE ROW LEVEL SECURITY;
ALTER TABLE threads FORCE ROW LEVEL SECURITY;
CREATE POLICY asked_by_function ON threads FOR SELECT TO tidings_owner
  USING (organization_id = app_organization());
CREATE POLICY erasure ON threads FOR ALL TO tidings_owner
  USING (organization_id = app_organization() AND app_organization_wide());
CREATE POLICY left_by_function ON threads FOR UPDATE TO tidings_owner
  USING (organization_id = app_organization());
CREATE POLICY participation ON threads AS RESTRICTIVE FOR SELECT TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN pair_low THEN true
        WHEN pair_high THEN true
        ELSE (id IN ( SELECT app_groups() AS app_groups))
    END
END);
CREATE POLICY participation_changed ON threads AS RESTRICTIVE FOR UPDATE TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN pair_low THEN true
        WHEN pair_high THEN true
        ELSE (id IN ( SELECT app_groups() AS app_groups))
    END
END)
  WITH CHECK (true);
CREATE POLICY tenant ON threads FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE unread_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE unread_counts FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON unread_counts AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE
    CASE ( SELECT app_user() AS app_user)
        WHEN user_id THEN true
        ELSE false
    END
END);
CREATE POLICY tenant ON unread_counts FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));

ALTER TABLE user_deletions ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_deletions FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON user_deletions FOR ALL TO tidings_request
  USING (( SELECT app_is_platform() AS app_is_platform));
CREATE POLICY select_by_function ON user_deletions FOR SELECT TO tidings_owner
  USING (true);
CREATE POLICY update_by_function ON user_deletions FOR UPDATE TO tidings_owner
  USING (true);

ALTER TABLE user_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY of_members ON user_preferences FOR SELECT TO tidings_request
  USING (( SELECT app_organization_wide() AS app_organization_wide) AND (EXISTS ( SELECT
   FROM members
  WHERE members.organization_id = (( SELECT app_organization() AS app_organization)) AND members.user_id = user_preferences.user_id AND members.removed_at IS NULL)));
CREATE POLICY own ON user_preferences FOR ALL TO tidings_request
  USING (user_id = (( SELECT app_user() AS app_user)))
  WITH CHECK (user_id = (( SELECT app_user() AS app_user)));

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY anybody_adds ON users FOR INSERT TO tidings_request
  WITH CHECK (true);
CREATE POLICY platform_deletes ON users FOR DELETE TO tidings_request
  USING (( SELECT app_is_platform() AS app_is_platform));
CREATE POLICY platform_reads ON users FOR SELECT TO tidings_request
  USING (( SELECT app_is_platform() AS app_is_platform));

ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_endpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhook_endpoints FOR ALL TO tidings_request
  USING (organization_id = (( SELECT app_organization() AS app_organization)))
  WITH CHECK (organization_id = (( SELECT app_organization() AS app_organization)));
CREATE POLICY whole_organization ON webhook_endpoints AS RESTRICTIVE FOR ALL TO tidings_request
  USING (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END)
  WITH CHECK (
CASE
    WHEN ( SELECT app_organization_wide() AS app_organization_wide) THEN true
    ELSE false
END);

-- Grants to others than the owner

GRANT USAGE ON SCHEMA tidings TO tidings_relay;
GRANT USAGE ON SCHEMA tidings TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON act_as_reads TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON api_keys TO tidings_request;
GRANT INSERT, SELECT ON audit_entries TO tidings_request;
GRANT DELETE, INSERT, SELECT ON blocks TO tidings_request;
GRANT INSERT, SELECT ON changes TO tidings_request;
GRANT INSERT, SELECT (organization_id, failed_at) ON dead_letters TO tidings_relay;
GRANT DELETE, SELECT ON dead_letters TO tidings_request;
GRANT SELECT (organization_id, id, user_id, channel, target_id, digest, status, due_at, attempts, leased_until, urgent), UPDATE (attempts, leased_until) ON deliveries TO tidings_relay;
GRANT INSERT, SELECT, UPDATE ON deliveries TO tidings_request;
GRANT INSERT, SELECT, UPDATE ON feeds TO tidings_request;
GRANT INSERT, SELECT ON hidden_messages TO tidings_request;
GRANT DELETE, SELECT (organization_id, principal, key, created_at) ON idempotency_keys TO tidings_relay;
GRANT INSERT, SELECT, UPDATE ON idempotency_keys TO tidings_request;
GRANT INSERT, SELECT, UPDATE ON member_preferences TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON member_words TO tidings_request;
GRANT INSERT, SELECT, UPDATE ON members TO tidings_request;
GRANT DELETE, INSERT, SELECT ON message_versions TO tidings_request;
GRANT INSERT, SELECT, UPDATE (content, hidden_by, edited_at, deleted_at, rev) ON messages TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON messaging_rules TO tidings_request;
GRANT INSERT, SELECT, UPDATE ON messaging_settings TO tidings_request;
GRANT SELECT ON migrations TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON notification_requests TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON notification_types TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON notifications TO tidings_request;
GRANT INSERT, SELECT, UPDATE ON organization_keys TO tidings_request;
GRANT INSERT, SELECT, UPDATE ON organization_preferences TO tidings_request;
GRANT SELECT (id) ON organizations TO tidings_relay;
GRANT INSERT, SELECT, UPDATE ON organizations TO tidings_request;
GRANT DELETE, SELECT, UPDATE ON outbox TO tidings_relay;
GRANT INSERT ON outbox TO tidings_request;
GRANT INSERT, SELECT, UPDATE (owner_since, joined_seq, joined_at, left_at, newest_seq, active_at, settled, last_read_seq, last_read_at, last_sent_at, muted_until, archived_at, read_marks_from, left_count, left_version, earlier_stays, hidden_at) ON participants TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON presence TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON presence_at_block TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON push_subscriptions TO tidings_request;
GRANT DELETE, INSERT, SELECT ON read_marks TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON roles TO tidings_request;
GRANT SELECT ON thread_subjects TO tidings_request;
GRANT INSERT, SELECT, UPDATE (subject, participant_count, last_seq, last_message_at, updated_at) ON threads TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON unread_counts TO tidings_request;
GRANT INSERT, SELECT, UPDATE ON user_deletions TO tidings_request;
GRANT INSERT, SELECT, UPDATE ON user_preferences TO tidings_request;
GRANT DELETE, INSERT, SELECT ON users TO tidings_request;
GRANT DELETE, INSERT, SELECT, UPDATE ON webhook_endpoints TO tidings_request;
GRANT EXECUTE ON FUNCTION app_admits(uuid,uuid,uuid) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_blockers() TO tidings_request;
GRANT EXECUTE ON FUNCTION app_count_erased(uuid,integer) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_erase_hidden_messages(uuid,integer) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_erase_idempotency_keys(uuid,integer) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_erase_member(uuid) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_erase_read_marks(uuid,integer) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_erase_sender(uuid,uuid[],bigint[]) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_groups() TO tidings_request;
GRANT EXECUTE ON FUNCTION app_is_being_deleted(uuid) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_is_leaving(uuid) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_leave_groups(uuid,integer) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_leave_threads(uuid,uuid[]) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_lock_platform_key(uuid) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_organizations_of(uuid) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_person_at_group_limit(uuid[]) TO tidings_request;
GRANT EXECUTE ON FUNCTION app_platform_key_is_live(uuid) TO tidings_request;
GRANT EXECUTE ON FUNCTION empty_change_slot() TO tidings_relay;
GRANT EXECUTE ON FUNCTION renew_presence(uuid) TO tidings_relay;

REVOKE EXECUTE ON FUNCTION announce_memberships() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_admits(uuid,uuid,uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_blockers() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_count_erased(uuid,integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_erase_hidden_messages(uuid,integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_erase_idempotency_keys(uuid,integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_erase_member(uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_erase_read_marks(uuid,integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_erase_sender(uuid,uuid[],bigint[]) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_groups() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_is_being_deleted(uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_is_leaving(uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_leave_groups(uuid,integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_leave_threads(uuid,uuid[]) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_lock_platform_key(uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_organizations_of(uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_person_at_group_limit(uuid[]) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION app_platform_key_is_live(uuid) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION empty_change_slot() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION end_presence() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION forget_presence() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION keep_presence_at_block() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION keep_subject() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION leave_groups(uuid,uuid,integer) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION leave_groups_on_removal() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_block() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_changed_notification() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_deletion() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_hidden_message() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_member() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_message() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_organization_preferences() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_own_settings() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_participant() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_preferences() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_read() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION log_subject() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION renew_presence(uuid) FROM PUBLIC;
