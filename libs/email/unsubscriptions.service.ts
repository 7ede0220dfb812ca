import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type OwnPreferences, PreferencesService } from '#preferences';
import { Problem, notFound } from '#problem';
import { SecretBox } from '#secrets';
import { findOrganizationName } from './unsubscribe.queries.js';
import { verifyingKeys } from './unsubscribe-keys.js';
import { type UnsubscribeClaims, readToken } from './unsubscribe-token.js';

/** What an unsubscribe link can turn off. */
export interface Subscription {
  organization: string;
  /** null means all types that are sent in digests. */
  type: string | null;
  status: 'on' | 'off' | 'locked';
}

/** Unsubscribe links. The bearer of a link acts for the person it was sent to, and only to unsubscribe. */
@Injectable()
export class UnsubscriptionsService {
  constructor(
    private readonly database: Database,
    private readonly preferences: PreferencesService,
    private readonly box: SecretBox,
  ) {}

  async find(token: string): Promise<Subscription> {
    const { claims, organization } = await this.verify(token);
    const { effective } = await this.preferences.get(claims);
    return { organization, type: claims.type, status: statusOf(claims, effective) };
  }

  /** Can be repeated. */
  async end(token: string): Promise<Subscription> {
    const { claims, organization } = await this.verify(token);
    const { effective } = await this.preferences.get(claims);
    if (statusOf(claims, effective) === 'locked') throw new Problem('preference_locked');
    const types = typesOf(claims, effective).filter((type) => !effective[type]!.email.locked);
    if (types.length > 0) {
      const off = Object.fromEntries(types.map((type) => [type, { email: 'off' }]));
      await this.preferences.patch(claims, 'organization', { types: off });
    }
    return { organization, type: claims.type, status: 'off' };
  }

  /** An invalid token and a token for an unknown person get the same response. */
  private async verify(token: string): Promise<{ claims: UnsubscribeClaims; organization: string }> {
    const read = readToken(token);
    if (!read) throw notFound();
    const { claims, isSignedWith } = read;
    const tenant = { organizationId: claims.organizationId, isUnverified: true };
    return this.database.organizationTransaction(tenant, async (tx) => {
      const [keys, organization] = await Promise.all([verifyingKeys(tx, this.box), findOrganizationName(tx)]);
      if (organization === undefined || !keys.some(isSignedWith)) throw notFound();
      return { claims, organization };
    });
  }
}

type Effective = OwnPreferences['effective'];

/** The types that the link concerns, among those that still exist. */
const typesOf = ({ type }: UnsubscribeClaims, effective: Effective): string[] =>
  type === null
    ? Object.keys(effective).filter((name) => ['hourly', 'daily'].includes(effective[name]!.email.value))
    : Object.keys(effective).filter((name) => name === type);

function statusOf(claims: UnsubscribeClaims, effective: Effective): Subscription['status'] {
  const sent = typesOf(claims, effective).filter((type) => effective[type]!.email.value !== 'off');
  if (sent.length === 0) return 'off';
  return sent.every((type) => effective[type]!.email.locked) ? 'locked' : 'on';
}
