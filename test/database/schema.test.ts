import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, createDatabase } from '../support/database.js';
import { dumpSchema } from './schema-dump.js';

let database: TestDatabase;

beforeEach(async () => {
  database = await createDatabase();
});

afterEach(() => database.drop());

describe('schema.sql', () => {
  it('is the schema of the migrations (npm run schema writes it)', async () => {
    const text = await dumpSchema(database);
    if (process.env['UPDATE_SCHEMA']) await writeFile('schema.sql', text);
    expect(await readFile('schema.sql', 'utf8')).toBe(text);
  });

  it('creates the same schema if it is executed', async () => {
    const text = await dumpSchema(database);
    await database.query('DROP SCHEMA tidings CASCADE');
    await database.query(text);
    await database.query('RESET ROLE');
    expect(await dumpSchema(database)).toBe(text);
  });

  it.each([
    ['a column', 'ALTER TABLE members ADD COLUMN note text'],
    ['a type', 'ALTER TABLE members ALTER COLUMN email TYPE varchar(99)'],
    ['a default', `ALTER TABLE members ALTER COLUMN email SET DEFAULT ''`],
    ['a column that may be null', 'ALTER TABLE members ALTER COLUMN username DROP NOT NULL'],
    ['a constraint', 'ALTER TABLE members ADD CONSTRAINT odd CHECK (username <> display_name) NOT VALID'],
    ['a foreign key', 'ALTER TABLE members ADD FOREIGN KEY (organization_id) REFERENCES organizations'],
    ['a storage parameter', 'ALTER TABLE members SET (fillfactor = 50)'],
    ['an index', 'CREATE INDEX odd ON members (display_name)'],
    ['a trigger', 'CREATE TRIGGER odd BEFORE TRUNCATE ON members EXECUTE FUNCTION odd()'],
    [
      'a function',
      `CREATE OR REPLACE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    ],
    ['the owner of a table', 'ALTER TABLE members OWNER TO tidings_relay'],
    ['the owner of a function', 'ALTER FUNCTION odd() OWNER TO tidings_relay'],
    ['a policy', 'ALTER POLICY tenant ON members USING (true)'],
    ['a restrictive policy', 'CREATE POLICY odd ON members AS RESTRICTIVE USING (true)'],
    ['row-level security that is not forced', 'ALTER TABLE members NO FORCE ROW LEVEL SECURITY'],
    ['row-level security that is off', 'ALTER TABLE members DISABLE ROW LEVEL SECURITY'],
    ['a grant', 'GRANT TRUNCATE ON members TO tidings_request'],
    ['a grant on a column', 'GRANT UPDATE (username) ON members TO PUBLIC'],
    ['a grant on the schema', 'GRANT CREATE ON SCHEMA tidings TO tidings_request'],
    ['a function that not everybody may call', 'REVOKE EXECUTE ON FUNCTION odd() FROM PUBLIC'],
    ['an object of a kind that it does not describe', 'CREATE VIEW odd AS SELECT 1'],
  ])('changes with %s', async (_what, change) => {
    await database.query(`CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'`);
    const before = await dumpSchema(database);
    await database.query(change);
    const after = dumpSchema(database).catch((error: Error) => error.message);
    expect(await after).not.toBe(before);
  });
});
