import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database } from '#database';
import { Problem, notFound } from '#problem';
import { assertStillHolds } from './authorization.js';
import { type Caller, PLATFORM_ORGANIZATION } from './caller.js';
import { Organization } from './entities.js';
import { upsertOrganization } from './organizations.queries.js';
import { DEFAULT_ROLES } from './permissions.js';
import { insertRoles } from './roles.queries.js';

@Injectable()
export class OrganizationsService {
  constructor(private readonly database: Database) {}

  /** Makes the organization, with the default roles, or renames it. */
  put(caller: Caller, id: string, name: string): Promise<Organization & { created: boolean }> {
    if (id === PLATFORM_ORGANIZATION)
      throw new Problem('conflict', 'This id is reserved for the platform: use another id.');
    return this.database.tenantTransaction({ ...caller, organizationId: id }, async (tx) => {
      await assertStillHolds(tx, { ...caller, userId: undefined });
      const organization = await upsertOrganization(tx, name);
      if (organization.created) await insertRoles(tx, DEFAULT_ROLES);
      await audit(tx, caller, { action: 'organization.put', targetType: 'organization', targetId: id });
      return organization;
    });
  }

  async get(caller: Caller, id: string): Promise<Organization> {
    const organization = await this.database.tenantTransaction({ ...caller, organizationId: id }, (tx) =>
      tx.repository(Organization).findOneBy({ id }),
    );
    if (!organization) throw notFound();
    return organization;
  }
}
