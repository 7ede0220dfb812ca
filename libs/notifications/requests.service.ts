import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { Database, type Transaction } from '#database';
import { type Caller, isId, usernameKey } from '#identity';
import { findPreferences, unknownType } from '#preferences';
import { invalidField, notFound } from '#problem';
import { FeedSignal } from './feed-signal.js';
import { fanOutBatch } from './fan-out.js';
import {
  type Audience,
  type RequestContent,
  type RequestRow,
  countAudience,
  findMembers,
  findRequest,
  insertRequest,
  retractRequest,
  roleExists,
} from './requests.queries.js';

export interface RequestInput {
  to: { users?: string[]; role?: string; everyone?: true };
  content: RequestContent;
  deliverAt?: Date;
  /** Generated if not given. The demo needs known ids; the second is that of the only notification. */
  id?: string;
  notificationId?: string;
}

export interface RequestResult {
  request: RequestRow;
  /** Named people who are not members. */
  unknown: string[];
  /** The number of members in the audience, as far as they were counted. */
  recipients: number;
}

/** How many people are notified before the response. Others are notified in the background. */
const AT_ONCE = 100;

/** Notification requests of services. */
@Injectable()
export class NotificationRequestsService {
  constructor(
    private readonly database: Database,
    private readonly feeds: FeedSignal,
  ) {}

  create(caller: Caller, { to, content, deliverAt, ...ids }: RequestInput): Promise<RequestResult> {
    return this.database.organizationTransaction(caller, async (tx) => {
      const [{ audience, unknown }, type] = await Promise.all([
        audienceOf(tx, to),
        findPreferences(tx, [], content.type),
      ]);
      if (!type) throw unknownType();
      const isLater = deliverAt !== undefined && deliverAt > type.now;
      const id = ids.id ?? uuid();
      const recipients = 'userIds' in audience ? audience.userIds.length : null;
      const members = recipients ?? (await countAudience(tx, audience));
      await insertRequest(tx, {
        id,
        audience,
        content,
        status: isLater ? 'scheduled' : 'sending',
        deliver_at: deliverAt ?? null,
        recipients,
      });
      if (!isLater && recipients !== null && recipients <= AT_ONCE) {
        await fanOutBatch(tx, this.feeds, id, AT_ONCE + 1, ids.notificationId);
      } else {
        tx.record('notification.requested', { request_id: id }, deliverAt);
      }
      return { request: (await findRequest(tx, id))!, unknown, recipients: members };
    });
  }

  async get(caller: Caller, id: string): Promise<RequestRow> {
    const request = await this.database.organizationTransaction(caller, (tx) => findRequest(tx, id));
    if (!request) throw notFound();
    return request;
  }

  /** Stops the fan-out, and retracts the notifications that exist. */
  async retract(caller: Caller, id: string): Promise<void> {
    await this.database.organizationTransaction(caller, async (tx) => {
      if (!(await retractRequest(tx, id))) throw notFound();
      tx.record('notification.retracted', { request_id: id });
    });
  }
}

async function audienceOf(
  tx: Transaction,
  { users, role }: RequestInput['to'],
): Promise<{ audience: Audience; unknown: string[] }> {
  if (role !== undefined) {
    if (!(await roleExists(tx, role))) throw invalidField('to.role', 'must be a role of this organization');
    return { audience: { role }, unknown: [] };
  }
  if (users === undefined) return { audience: { everyone: true }, unknown: [] };
  const found = await findMembers(
    tx,
    users.filter(isId).map((id) => id.toLowerCase()),
    users.filter((person) => !isId(person)).map(usernameKey),
  );
  const idOf = new Map(
    found.flatMap(({ user_id, username_key }) => [
      [user_id, user_id],
      [username_key, user_id],
    ]),
  );
  return {
    audience: { userIds: [...new Set(found.map(({ user_id }) => user_id))] },
    unknown: users.filter((person) => !idOf.has(keyOf(person))),
  };
}

const keyOf = (person: string): string => (isId(person) ? person.toLowerCase() : usernameKey(person));
