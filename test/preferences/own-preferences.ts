import { beforeEach } from 'vitest';
import type { Client, TestApi } from '../support/api.js';
import type { TestMember, TestOrganization } from '../support/builders.js';

/** A member who sets preferences, and an admin of their organization. */
export class OwnPreferences {
  organization!: TestOrganization;
  admin!: Client;
  ann!: TestMember;
  asAnn!: Client;

  constructor(private readonly api: TestApi) {}

  async build(): Promise<void> {
    ({ organization: this.organization, admin: this.admin } = await this.api.build.organizationWithAdmin());
    this.ann = await this.api.build.member({ organization: this.organization });
    this.asAnn = await this.api.as(this.ann);
  }

  patch = (body: object, scope = 'organization') => this.asAnn.patch(`preferences?scope=${scope}`, body);

  explicit = async () => (await this.asAnn.get('preferences')).body.explicit as Record<string, object>;

  effective = async (type: string, channel: string, client = this.asAnn) =>
    (await client.get('preferences')).body.effective[type][channel] as object;
}

export function useOwnPreferences(api: TestApi): OwnPreferences {
  const own = new OwnPreferences(api);
  beforeEach(() => own.build());
  return own;
}

const ALL_WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const NIGHTS = {
  time_zone: 'Europe/Berlin',
  windows: [{ days: ALL_WEEK, from: '22:00', to: '07:00' }],
};

export const type = (channels: object, given: object = {}) => ({ default_channels: channels, ...given });
