import { Injectable } from '@nestjs/common';
import { audit } from '#audit';
import { Database } from '#database';
import { Problem, notFound } from '#problem';
import { assertStillHolds } from './authorization.js';
import { type Caller, PLATFORM_ORGANIZATION } from './caller.js';
import { Organization } from './entities.js';
import { DEFAULT_ROLES } from './permissions.js';

type Upserted<T> = T & { created: boolean };

@Injectable()
export class OrganizationsService {
  constructor(private readonly database: Database) {}

  /** Creates the organization with the default roles, or renames it. */
  put(caller: Caller, id: string, name: string): Promise<Upserted<Organization>> {
    if (id === PLATFORM_ORGANIZATION)
      throw new Problem('conflict', 'This id is reserved: it stands for the platform itself.');
    return this.database.tenantTransaction({ ...caller, organizationId: id }, async (tx) => {
      await assertStillHolds(tx, { ...caller, userId: undefined });
      const [organization] = await tx.query<Upserted<Organization>>(
        `INSERT INTO organizations (id, name) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = now()
         RETURNING *, xmax = 0 AS created`,
        [id, name],
      );
      if (organization!.created) {
        await tx.query(
          `INSERT INTO roles (organization_id, name, permissions)
           SELECT $1, key, array(SELECT jsonb_array_elements_text(value)) FROM jsonb_each($2)`,
          [id, JSON.stringify(DEFAULT_ROLES)],
        );
      }
      await audit(tx, caller, { action: 'organization.put', targetType: 'organization', targetId: id });
      return organization!;
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
