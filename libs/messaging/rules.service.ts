import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, type Transaction } from '#database';
import { type Caller, type PersonCaller, assertStillHolds } from '#identity';
import { invalidFields, notFound } from '#problem';
import { type Refusal, defaultRule, refusalOf } from './reach.js';
import { reachOne } from './reach.repository.js';
import {
  type RoleRule,
  findDeleteWindow,
  findRoleNames,
  findRules,
  replaceRules,
  saveDeleteWindow,
} from './rules.repository.js';

export interface MessagingRules {
  /** One for each pair of roles there is. */
  rules: (RoleRule & { is_default: boolean })[];
  delete_window_hours: number;
}

export interface MessagingRulesInput {
  rules: RoleRule[];
  delete_window_hours?: number;
}

/** Who may write to whom by their roles. */
@Injectable()
export class Rules {
  constructor(private readonly database: Database) {}

  get(caller: Caller): Promise<MessagingRules> {
    return this.database.tenantTransaction(caller, read);
  }

  put(caller: Caller, { rules, delete_window_hours }: MessagingRulesInput): Promise<MessagingRules> {
    return this.database.tenantTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'roles:manage');
      await tx.lock('messaging rules');
      assertRules(rules, await findRoleNames(tx));
      await replaceRules(tx, rules);
      if (delete_window_hours !== undefined) await saveDeleteWindow(tx, delete_window_hours);
      await audit(tx, caller, {
        action: 'messaging_rules.put',
        targetType: 'organization',
        targetId: tx.organizationId,
        details: { rules, delete_window_hours },
      });
      return read(tx);
    });
  }

  /** What a message to this person would be answered, without sending one. */
  canMessage(caller: PersonCaller, person: string): Promise<Refusal | null> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const refusal = refusalOf(await reachOne(tx, caller, person), new Date());
      if (refusal === 'not_found') throw notFound();
      return refusal;
    });
  }
}

async function read(tx: Transaction): Promise<MessagingRules> {
  const [names, own, delete_window_hours] = await Promise.all([
    findRoleNames(tx),
    findRules(tx),
    findDeleteWindow(tx),
  ]);
  const rules = names.flatMap((from_role) =>
    names.map((to_role) => {
      const rule = own.find((one) => one.from_role === from_role && one.to_role === to_role);
      if (rule) return { ...rule, is_default: false };
      const { allows, replyWindowDays } = defaultRule(from_role, to_role);
      return { from_role, to_role, allows, reply_window_days: replyWindowDays, is_default: true };
    }),
  );
  return { rules, delete_window_hours };
}

function assertRules(rules: RoleRule[], roleNames: string[]): void {
  const pairs = new Set<string>();
  const errors = rules.flatMap(({ from_role, to_role, allows, reply_window_days }, index) => {
    const field = `rules.${index}`;
    const pair = `${from_role} ${to_role}`;
    const isTwice = pairs.has(pair);
    pairs.add(pair);
    const roles = Object.entries({ from_role, to_role }).filter(([, name]) => !roleNames.includes(name));
    return [
      ...roles.map(([name]) => ({
        field: `${field}.${name}`,
        message: 'must be a role of this organization',
      })),
      ...(isTwice ? [{ field, message: 'is a second rule for the same roles' }] : []),
      ...(reply_window_days !== null && allows !== 'reply'
        ? [{ field: `${field}.reply_window_days`, message: 'is only for allows: reply' }]
        : []),
    ];
  });
  if (errors.length > 0) throw invalidFields(errors);
}
