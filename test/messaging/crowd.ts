import { v7 as uuid } from 'uuid';
import type { Client, TestApi } from '../support/api.js';
import type { TestOrganization } from '../support/builders.js';

export interface Person {
  id: string;
  username: string;
  client: Client;
}

/** People who have nothing to do with anybody yet. Made by SQL, since every history takes new ones. */
export async function createPeople(
  api: TestApi,
  organization: TestOrganization,
  count: number,
): Promise<Person[]> {
  const people = Array.from({ length: count }, () => uuid()).map((id) => ({ id, username: `p.${id}` }));
  await api.database.query(
    `WITH known AS (INSERT INTO users (id) SELECT unnest($2::uuid[]))
     INSERT INTO members (organization_id, user_id, username, username_key, display_name, role)
     SELECT $1, id, 'p.' || id, 'p.' || id, 'Person', 'user' FROM unnest($2::uuid[]) AS id`,
    [organization.id, people.map(({ id }) => id)],
  );
  return Promise.all(
    people.map(async (person) => ({ ...person, client: await api.as({ organization, id: person.id }) })),
  );
}
