import type { MigrationInterface, QueryRunner } from 'typeorm';
import { isOwn, orWholeOrganization } from './nil-user.js';
import { alsoRequire, ownPart, showOnlyTo, tenantTable } from './rls.js';

export class CreateMessages1763640010000 implements MigrationInterface {
  name = 'CreateMessages1763640010000';

  async up(runner: QueryRunner): Promise<void> {
    await createMessages(runner);
    await createVersions(runner);
    await createHiddenMessages(runner);
    await createReadMarks(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE read_marks, hidden_messages, message_versions, messages');
  }
}

const inThread = (table: string): string =>
  `participants.organization_id = ${table}.organization_id AND participants.thread_id = ${table}.thread_id`;

async function createMessages(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE messages (
      organization_id uuid NOT NULL,
      thread_id uuid NOT NULL,
      seq bigint NOT NULL,
      id uuid NOT NULL,
      sender_id uuid,
      subject text CONSTRAINT messages_subject_length CHECK (char_length(subject) BETWEEN 1 AND 100),
      content text NOT NULL CONSTRAINT messages_content_length CHECK (char_length(content) BETWEEN 1 AND 5000),
      reply_to_id uuid,
      client_token text CONSTRAINT messages_client_token_length CHECK (char_length(client_token) BETWEEN 1 AND 255),
      request_hash bytea,
      hidden_by integer NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL DEFAULT now(),
      edited_at timestamptz,
      deleted_at timestamptz,
      CONSTRAINT messages_pkey PRIMARY KEY (organization_id, thread_id, seq),
      CONSTRAINT messages_id UNIQUE (organization_id, id),
      CONSTRAINT messages_thread_fkey FOREIGN KEY (organization_id, thread_id)
        REFERENCES threads (organization_id, id) ON DELETE CASCADE,
      CONSTRAINT messages_sender_fkey FOREIGN KEY (organization_id, sender_id)
        REFERENCES members (organization_id, user_id) ON DELETE SET NULL (sender_id),
      CONSTRAINT messages_reply_to_fkey FOREIGN KEY (organization_id, reply_to_id)
        REFERENCES messages (organization_id, id)
    )`);
  // Recognises a message that is sent again, for ever.
  await runner.query(
    'CREATE UNIQUE INDEX messages_client_token ON messages (organization_id, sender_id, client_token) WHERE client_token IS NOT NULL',
  );
  await runner.query('CREATE INDEX messages_sender ON messages (organization_id, sender_id, thread_id, seq)');
  // Who wrote what, where and when is never rewritten.
  await tenantTable(runner, 'messages', { grant: 'SELECT, INSERT' });
  // From when they joined, until they left.
  const maySee = orWholeOrganization(
    ownPart(`${inThread('messages')} AND messages.seq > participants.joined_seq
             AND (participants.left_at IS NULL OR messages.seq <= participants.newest_seq)`),
  );
  await showOnlyTo(runner, 'messages', maySee, 'content, hidden_by, edited_at, deleted_at');
  const mayWrite = `sender_id = (SELECT app_user())
    AND ${ownPart(`${inThread('messages')} AND participants.left_at IS NULL`)}`;
  await alsoRequire(runner, 'messages', 'own_sending', mayWrite, 'INSERT');
}

async function createVersions(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE message_versions (
      organization_id uuid NOT NULL,
      message_id uuid NOT NULL,
      version integer NOT NULL,
      content text NOT NULL,
      written_at timestamptz NOT NULL,
      CONSTRAINT message_versions_pkey PRIMARY KEY (organization_id, message_id, version),
      CONSTRAINT message_versions_message_fkey FOREIGN KEY (organization_id, message_id)
        REFERENCES messages (organization_id, id) ON DELETE CASCADE
    )`);
  await tenantTable(runner, 'message_versions', { grant: 'SELECT, INSERT' });
  await alsoRequire(
    runner,
    'message_versions',
    'participation',
    `EXISTS (SELECT FROM messages
             WHERE messages.organization_id = message_versions.organization_id
               AND messages.id = message_versions.message_id
             OFFSET 0)`,
  );
}

async function createHiddenMessages(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE hidden_messages (
      organization_id uuid NOT NULL,
      thread_id uuid NOT NULL,
      user_id uuid NOT NULL,
      seq bigint NOT NULL,
      hidden_at timestamptz NOT NULL DEFAULT now(),
      CONSTRAINT hidden_messages_pkey PRIMARY KEY (organization_id, thread_id, user_id, seq),
      CONSTRAINT hidden_messages_participant_fkey FOREIGN KEY (organization_id, thread_id, user_id)
        REFERENCES participants (organization_id, thread_id, user_id) ON DELETE CASCADE,
      CONSTRAINT hidden_messages_message_fkey FOREIGN KEY (organization_id, thread_id, seq)
        REFERENCES messages (organization_id, thread_id, seq) ON DELETE CASCADE
    )`);
  await tenantTable(runner, 'hidden_messages', { grant: 'SELECT, INSERT' });
  await alsoRequire(runner, 'hidden_messages', 'own', isOwn('user_id'));
}

async function createReadMarks(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE read_marks (
      organization_id uuid NOT NULL,
      thread_id uuid NOT NULL,
      user_id uuid NOT NULL,
      seq bigint NOT NULL,
      read_at timestamptz NOT NULL,
      CONSTRAINT read_marks_pkey PRIMARY KEY (organization_id, thread_id, user_id, seq),
      CONSTRAINT read_marks_participant_fkey FOREIGN KEY (organization_id, thread_id, user_id)
        REFERENCES participants (organization_id, thread_id, user_id) ON DELETE CASCADE
    )`);
  await tenantTable(runner, 'read_marks', { grant: 'SELECT, INSERT' });
  await alsoRequire(
    runner,
    'read_marks',
    'participation',
    orWholeOrganization(ownPart(inThread('read_marks'))),
    'SELECT',
  );
  await alsoRequire(runner, 'read_marks', 'own', isOwn('user_id'), 'INSERT');
}
