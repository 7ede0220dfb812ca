import type { Transaction } from '#database';
import type { Allows } from './contact-policy.js';
import { MessagingSettings } from './rules.entities.js';

export interface RoleRule {
  from_role: string;
  to_role: string;
  allows: Allows;
  reply_window_days: number | null;
}

/** The organization's rules with these roles as senders. */
export const findRulesFrom = (tx: Transaction, fromRoles: string[]): Promise<RoleRule[]> =>
  tx.query<RoleRule>(
    `SELECT from_role, to_role, allows, reply_window_days FROM messaging_rules
     WHERE organization_id = $1 AND from_role = ANY ($2)`,
    [tx.organizationId, fromRoles],
  );

export async function findRoleNames(tx: Transaction): Promise<string[]> {
  const roles = await tx.query<{ name: string }>(
    'SELECT name FROM roles WHERE organization_id = $1 ORDER BY name FOR KEY SHARE',
    [tx.organizationId],
  );
  return roles.map(({ name }) => name);
}

/** Replaces all rules. Pairs that are not named return to the default. */
export async function replaceRules(tx: Transaction, rules: RoleRule[]): Promise<void> {
  await Promise.all([
    tx.query('DELETE FROM messaging_rules WHERE organization_id = $1', [tx.organizationId]),
    tx.query(
      `INSERT INTO messaging_rules (organization_id, from_role, to_role, allows, reply_window_days)
       SELECT $1, from_role, to_role, allows, reply_window_days
       FROM jsonb_to_recordset($2) AS rule (from_role text, to_role text, allows text, reply_window_days integer)`,
      [tx.organizationId, JSON.stringify(rules)],
    ),
  ]);
}

const DELETE_WINDOW_HOURS = 24;

/** How long after sending the sender may delete a message for everyone. */
export async function findDeleteWindow(tx: Transaction): Promise<number> {
  const settings = await tx.repository(MessagingSettings).findOneBy({ organization_id: tx.organizationId });
  return settings?.delete_window_hours ?? DELETE_WINDOW_HOURS;
}

export async function saveDeleteWindow(tx: Transaction, hours: number): Promise<void> {
  await tx.query(
    `INSERT INTO messaging_settings (organization_id, delete_window_hours) VALUES ($1, $2)
     ON CONFLICT (organization_id) DO UPDATE SET delete_window_hours = excluded.delete_window_hours`,
    [tx.organizationId, hours],
  );
}
