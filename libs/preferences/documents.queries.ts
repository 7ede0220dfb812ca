import { Parameters, type Transaction } from '#database';
import type { PreferenceDocument } from './document.js';

export type Scope = 'organization' | 'global';

/** The table of a document, and the key of its row. */
type Place = [table: string, key: Record<string, string>];

export const organizationPlace = (tx: Transaction): Place => [
  'organization_preferences',
  { organization_id: tx.organizationId },
];

export const personPlace = (tx: Transaction, userId: string, scope: Scope): Place =>
  scope === 'global'
    ? ['user_preferences', { user_id: userId }]
    : ['member_preferences', { organization_id: tx.organizationId, user_id: userId }];

/** Returns the document, empty if it is new, and locks it for the change. */
export async function lockDocument<Document extends PreferenceDocument>(
  tx: Transaction,
  [table, key]: Place,
): Promise<Document> {
  const columns = Object.keys(key);
  const parameters = new Parameters();
  const values = Object.values(key).map((value) => parameters.add(value));
  const [row] = await tx.query<{ document: Document }>(
    `INSERT INTO ${table} (${columns.join(', ')}, document) VALUES (${values.join(', ')}, '{}')
     ON CONFLICT (${columns.join(', ')}) DO UPDATE SET updated_at = now() RETURNING document`,
    parameters.values,
  );
  return row!.document;
}

export async function saveDocument(
  tx: Transaction,
  [table, key]: Place,
  document: PreferenceDocument,
): Promise<void> {
  const parameters = new Parameters(document);
  const conditions = Object.entries(key).map(([column, value]) => `${column} = ${parameters.add(value)}`);
  await tx.query(`UPDATE ${table} SET document = $1 WHERE ${conditions.join(' AND ')}`, parameters.values);
}
