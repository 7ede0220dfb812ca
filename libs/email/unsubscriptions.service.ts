import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type OwnPreferences, PreferencesService } from '#preferences';
import { Problem, notFound } from '#problem';
import { SecretBox } from '#secrets';
import { findOrganizationName } from './unsubscribe.queries.js';
import { verifyingKeys } from './unsubscribe-keys.js';
import { type UnsubscribeClaims, readToken } from './unsubscribe-token.js';

/** What the link of a mail can end. */
export interface Subscription {
  organization: string;
  /** null: all that is gathered into digests. */
  type: string | null;
  status: 'on' | 'off' | 'locked';
}

/** The links of mails: whoever has one acts for the person whom it was sent to, and in this alone. */
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

  /** As often as somebody likes. */
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

  /** A token that is wrong and one of nobody look the same. */
  private async verify(token: string): Promise<{ claims: UnsubscribeClaims; organization: string }> {
    const read = readToken(token);
    if (!read) throw notFound();
    const { claims, isSignedWith } = read;
    const tenant = { organizationId: claims.organizationId, isUnproven: true };
    return this.database.organizationTransaction(tenant, async (tx) => {
      const [keys, organization] = await Promise.all([verifyingKeys(tx, this.box), findOrganizationName(tx)]);
      if (organization === undefined || !keys.some(isSignedWith)) throw notFound();
      return { claims, organization };
    });
  }
}

type Effective = OwnPreferences['effective'];

/** The types that it is about, of those that there still are. */
const typesOf = ({ type }: UnsubscribeClaims, effective: Effective): string[] =>
  type === null
    ? Object.keys(effective).filter((name) => ['hourly', 'daily'].includes(effective[name]!.email.value))
    : Object.keys(effective).filter((name) => name === type);

function statusOf(claims: UnsubscribeClaims, effective: Effective): Subscription['status'] {
  const sent = typesOf(claims, effective).filter((type) => effective[type]!.email.value !== 'off');
  if (sent.length === 0) return 'off';
  return sent.every((type) => effective[type]!.email.locked) ? 'locked' : 'on';
}
