import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { v7 as uuid } from 'uuid';
import { audit } from '#audit';
import { Database, type PageBefore } from '#database';
import { Problem, notFound } from '#problem';
import { makeKey, parseKey } from './api-key-format.js';
import * as keys from './api-keys.queries.js';
import { assertStillHolds } from './authorization.js';
import type { Caller } from './caller.js';
import type { ApiKey } from './entities.js';
import { assertHolds } from './permissions.js';

export interface ApiKeyInput {
  name: string;
  scopes: string[];
  expires_at?: Date;
  /** Generated if not given. The demo needs a known id. */
  id?: string;
}

/** A revoked key is refused within this time in every process, and at once in this one. */
const CACHE_TTL_MILLISECONDS = 5000;

@Injectable()
export class ApiKeysService {
  private readonly cache = new LRUCache<string, ApiKey>({ max: 10_000, ttl: CACHE_TTL_MILLISECONDS });
  /** Hashes of secrets that were valid before. Such a key is looked up in its organization's share of connections. */
  private readonly verifiedHashes = new LRUCache<string, Buffer>({ max: 10_000 });

  constructor(private readonly database: Database) {}

  /** The secret is returned once and stored nowhere. A replay of the request returns the key without it. */
  async create(caller: Caller, input: ApiKeyInput): Promise<ApiKey & { secret: string | null }> {
    const id = input.id ?? uuid();
    const { text, secretHash } = makeKey(caller.organizationId, id);
    const key = await this.database.tenantTransaction(caller, async (tx) => {
      assertHolds(await assertStillHolds(tx, caller, 'keys:manage'), input.scopes);
      await tx.lock(`api key ${input.name}`);
      await keys.revokeExpired(tx, input.name);
      const created = await keys.insert(tx, {
        ...input,
        id,
        secret_hash: secretHash,
        created_by_user_id: caller.userId,
        created_by_key_id: caller.keyId,
      });
      if (!created) {
        throw new Problem('conflict', 'Two live keys have this name: revoke one of them first.');
      }
      await audit(tx, caller, {
        action: 'api_key.create',
        targetType: 'api_key',
        targetId: id,
        details: { scopes: input.scopes },
      });
      return created;
    });
    return { ...key, secret: key.id === id ? text : null };
  }

  list(caller: Caller, page: PageBefore): Promise<keys.ListedApiKey[]> {
    return this.database.tenantTransaction(caller, (tx) => keys.list(tx, page));
  }

  async revoke(caller: Caller, id: string): Promise<void> {
    await this.database.tenantTransaction(caller, async (tx) => {
      await assertStillHolds(tx, caller, 'keys:manage');
      if (!(await keys.revoke(tx, id))) throw notFound();
      await audit(tx, caller, { action: 'api_key.revoke', targetType: 'api_key', targetId: id });
    });
    this.cache.delete(id);
  }

  /**
   * Returns the live key for this text, or null. A text that is not a key, or a mistyped key, is refused without a
   * query.
   */
  async verify(text: string): Promise<ApiKey | null> {
    const parsed = parseKey(text);
    if (!parsed) return null;
    const { organizationId, id, secretHash } = parsed;
    const isUnverified = !this.verifiedHashes.get(id)?.equals(secretHash);
    const key =
      this.cache.get(id) ??
      (await this.database.tenantTransaction({ organizationId, isUnverified }, (tx) =>
        keys.use(tx, id, secretHash),
      ));
    if (!key || key.organization_id !== organizationId) return null;
    if (!timingSafeEqual(key.secret_hash, secretHash)) return null;
    if (key.expires_at && key.expires_at <= new Date()) return null;
    if (!this.cache.has(id)) this.cache.set(id, key);
    if (isUnverified) this.verifiedHashes.set(id, secretHash);
    return key;
  }
}
