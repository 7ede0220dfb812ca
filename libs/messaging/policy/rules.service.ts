import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database, type Page, type Transaction, fetchPage } from '#database';
import { type Caller, type PersonCaller, assertStillHolds } from '#identity';
import { invalidFields, notFound } from '#problem';
import { type ContactRefusal, defaultRule, contactRefusal } from './contact-policy.js';
import { findContactOrFail } from './contacts.queries.js';
import {
  type RoleRule,
  findDeleteWindow,
  findRoleNames,
  findRulesFrom,
  replaceRules,
  saveDeleteWindow,
} from './rules.queries.js';

export type RolePair = Pick<RoleRule, 'from_role' | 'to_role'>;

export interface RulesPage {
  /** The last pair of the previous page. */
  after?: RolePair;
  limit: number;
}

export interface MessagingRules {
  /** One page of all pairs of roles, in the order of both names. */
  rules: Page<RoleRule & { is_default: boolean }>;
  delete_window_hours: number;
}

export interface MessagingRulesInput {
  rules: RoleRule[];
  delete_window_hours?: number;
}

/** Who may write to whom by role. */
@Injectable()
export class MessagingRulesService {
  constructor(private readonly database: Database) {}

  get(caller: Caller, page: RulesPage): Promise<MessagingRules> {
    return this.database.tenantTransaction(caller, (tx) => read(tx, page));
  }

  /** Returns the first page of the new rules. */
  put(
    caller: Caller,
    { rules, delete_window_hours }: MessagingRulesInput,
    page: RulesPage,
  ): Promise<MessagingRules> {
    return this.database.tenantTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'roles:manage');
      await tx.lock('messaging rules');
      assertRules(rules, await findRoleNames(tx));
      await replaceRules(tx, rules);
      if (delete_window_hours !== undefined) await saveDeleteWindow(tx, delete_window_hours);
      await auditRules(tx, caller, rules, delete_window_hours);
      return read(tx, page);
    });
  }

  /** The response that a message to this person would get, without sending one. */
  canMessage(caller: PersonCaller, person: string): Promise<ContactRefusal | null> {
    return this.database.tenantTransaction(caller, async (tx) => {
      const refusal = contactRefusal(await findContactOrFail(tx, caller, person), new Date());
      if (refusal === 'not_found') throw notFound();
      return refusal;
    });
  }
}

async function read(tx: Transaction, page: RulesPage): Promise<MessagingRules> {
  const names = (await findRoleNames(tx)).toSorted();
  const { rows: pairs, hasMore } = await fetchPage(page, (list) => pairsAfter(names, list));
  const [own, delete_window_hours] = await Promise.all([
    findRulesFrom(tx, [...new Set(pairs.map(({ from_role }) => from_role))]),
    findDeleteWindow(tx),
  ]);
  const ownByPair = new Map(own.map((rule) => [pairKey(rule), rule]));
  const rows = pairs.map((pair) => {
    const rule = ownByPair.get(pairKey(pair));
    if (rule) return { ...rule, is_default: false };
    const { allows, replyWindowDays } = defaultRule(pair.from_role, pair.to_role);
    return { ...pair, allows, reply_window_days: replyWindowDays, is_default: true };
  });
  return { rules: { rows, hasMore }, delete_window_hours };
}

/** The maximum number of rules in one audit entry, so that a page of the audit log stays small. */
const RULES_PER_AUDIT_ENTRY = 50;

async function auditRules(
  tx: Transaction,
  caller: Caller,
  rules: RoleRule[],
  delete_window_hours: number | undefined,
): Promise<void> {
  for (let first = 0; first === 0 || first < rules.length; first += RULES_PER_AUDIT_ENTRY) {
    await audit(tx, caller, {
      action: 'messaging_rules.put',
      targetType: 'organization',
      targetId: tx.organizationId,
      details: { rules: rules.slice(first, first + RULES_PER_AUDIT_ENTRY), delete_window_hours },
    });
  }
}

const pairKey = ({ from_role, to_role }: RolePair): string => JSON.stringify([from_role, to_role]);

/** The next pairs of roles, in the order of both names. The names must be sorted. */
function pairsAfter(names: string[], { after, limit }: RulesPage): RolePair[] {
  const pairs: RolePair[] = [];
  for (const from_role of names) {
    if (after && from_role < after.from_role) continue;
    for (const to_role of names) {
      if (after?.from_role === from_role && to_role <= after.to_role) continue;
      if (pairs.length === limit) return pairs;
      pairs.push({ from_role, to_role });
    }
  }
  return pairs;
}

function assertRules(rules: RoleRule[], roleNames: string[]): void {
  const known = new Set(roleNames);
  const pairs = new Set<string>();
  const errors = rules.flatMap(({ from_role, to_role, allows, reply_window_days }, index) => {
    const field = `rules.${index}`;
    const pair = pairKey({ from_role, to_role });
    const isTwice = pairs.has(pair);
    pairs.add(pair);
    const roles = Object.entries({ from_role, to_role }).filter(([, name]) => !known.has(name));
    return [
      ...roles.map(([name]) => ({
        field: `${field}.${name}`,
        message: 'must be a role of this organization',
      })),
      ...(isTwice ? [{ field, message: 'is the second rule for these two roles: remove one of them' }] : []),
      ...(reply_window_days !== null && allows !== 'reply'
        ? [{ field: `${field}.reply_window_days`, message: 'needs allows to be reply' }]
        : []),
    ];
  });
  if (errors.length > 0) throw invalidFields(errors);
}
