import type { MigrationInterface, QueryRunner } from 'typeorm';
import { inTransaction } from './backfill.js';
import { erasureFunctions } from './erasure-functions.js';
import * as byNilUser from './nil-user.js';
import * as bySetting from './rls.js';
import { type Conditions, scopedPolicies } from './scoped-policies.js';

/**
 * Policies and functions ask app_organization_wide() whether the organization as a whole is at work. It is true by the
 * setting tidings.scope, and still by the nil UUID as the person, until the next migration: servers of the version
 * before work on while tables are changed. Each table in a transaction of its own: to lock them all at once would hold
 * up requests for as long as the waits take together.
 */
export class SeparateOrganizationScope1763640037000 implements MigrationInterface {
  name = 'SeparateOrganizationScope1763640037000';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION app_organization_wide() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
        RETURN coalesce(current_setting('tidings.scope', true) = 'organization' OR ${byNilUser.IS_WIDE}, false)`);
    await recognize(runner, bySetting);
  }

  async down(runner: QueryRunner): Promise<void> {
    await recognize(runner, byNilUser);
    await runner.query('DROP FUNCTION IF EXISTS app_organization_wide()');
  }
}

/** From one way of recognizing the organization as a whole to the other. Functions keep who may call them. */
async function recognize(runner: QueryRunner, conditions: Conditions): Promise<void> {
  for (const [table, policies] of Object.entries(scopedPolicies(conditions))) {
    await inTransaction(runner, async () => {
      for (const [policy, expressions] of Object.entries(policies))
        await runner.query(`ALTER POLICY ${policy} ON ${table} ${expressions}`);
    });
  }
  for (const [signature, result, body] of erasureFunctions(conditions.IS_WIDE))
    await runner.query(`
      CREATE OR REPLACE FUNCTION ${signature} RETURNS ${result} LANGUAGE sql SECURITY DEFINER BEGIN ATOMIC ${body}; END`);
}
