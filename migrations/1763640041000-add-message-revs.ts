import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages count their changes. Earlier ones are not counted: all existing messages have the revision 1. */
export class AddMessageRevs1763640041000 implements MigrationInterface {
  name = 'AddMessageRevs1763640041000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE messages ADD COLUMN rev integer NOT NULL DEFAULT 1');
    await runner.query('GRANT UPDATE (rev) ON messages TO tidings_request');
    await runner.query(eraseSender(', rev = rev + 1'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(eraseSender(''));
    await runner.query('ALTER TABLE messages DROP COLUMN rev');
  }
}

/** That of erasureFunctions, with one more assignment. */
const eraseSender = (assignment: string): string => `
  CREATE OR REPLACE FUNCTION app_erase_sender(person uuid, threads uuid[], seqs bigint[]) RETURNS integer
  LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC
    WITH gone AS (
      UPDATE messages SET sender_id = NULL, client_token = NULL, request_hash = NULL${assignment}
      FROM unnest(threads, seqs) AS sent (in_thread, at_seq)
      WHERE organization_id = app_organization() AND thread_id = in_thread AND seq = at_seq AND sender_id = person
        AND (SELECT app_organization_wide() AND app_is_being_deleted(person))
      RETURNING true)
    SELECT count(*)::integer FROM gone;
  END`;
