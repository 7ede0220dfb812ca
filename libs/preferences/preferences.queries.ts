import type { Transaction } from '#database';
import type { OrganizationDocument } from './document.js';
import type { Choices, Sources } from './sources.js';
import { type TypeDefinition, withBuiltIn } from './type-definition.js';

/** SQL: whether the organization shows who of its people is connected. It does not by default. */
export const SHOWS_PRESENCE = `EXISTS (
  SELECT FROM organization_preferences WHERE organization_id = $1 AND document @> '{"presence": true}')`;

interface Found {
  /** The database time. */
  now: string;
  /** The organization's own types: all of them, or the requested one. */
  types: TypeDefinition[];
  organization: OrganizationDocument;
  people: PersonChoices[];
}

/** One person's choices as JSON: SQL, for the person that the expression names. */
export const choicesOfPerson = (person: string): string =>
  `json_build_object(
     'user_id', ${person},
     'time_zone', (SELECT time_zone FROM members
                   WHERE members.organization_id = $1 AND members.user_id = ${person}),
     'organization', coalesce((SELECT document FROM member_preferences AS mine
                               WHERE mine.organization_id = $1 AND mine.user_id = ${person}), '{}'),
     'global', coalesce((SELECT document FROM user_preferences AS mine WHERE mine.user_id = ${person}), '{}'))`;

/** What choicesOfPerson selects. */
export type PersonChoices = Choices['person'] & { user_id: string; time_zone: string | null };

/**
 * Returns one row for any number of people, so many people cost no more round trips than one. Each person is looked
 * up by key, so the cost does not depend on the size of the organization.
 */
async function find(tx: Transaction, userIds: string[], typeName: string | null): Promise<Found> {
  const [found] = await tx.query<Found>(
    `SELECT now(),
       (SELECT coalesce(json_agg(own), '[]') FROM (
          SELECT name, default_channels, mandatory_channels, aggregation_window_seconds, retention_days
          FROM notification_types WHERE organization_id = $1 AND ($3::text IS NULL OR name = $3) ORDER BY name
        ) AS own) AS types,
       coalesce((SELECT document FROM organization_preferences WHERE organization_id = $1), '{}') AS organization,
       (SELECT coalesce(json_agg(${choicesOfPerson('person.user_id')}), '[]')
        FROM unnest($2::uuid[]) AS person (user_id)) AS people`,
    [tx.organizationId, userIds, typeName],
  );
  return found!;
}

const choicesOf = (
  { organization }: Pick<Found, 'organization'>,
  { time_zone, organization: here, global }: PersonChoices,
): Choices => ({ organization, person: { organization: here, global }, time_zone });

export interface ManySources {
  /** By the clock of the database, which all processes use. */
  now: Date;
  type: TypeDefinition;
  organization: OrganizationDocument;
  /** By user id, for each requested person. */
  people: Map<string, Sources>;
}

/**
 * Everything that decides about a type for these people. undefined if the organization does not have the type. It
 * requires the organization-wide scope for other people: a person can only read their own choices.
 */
export async function findPreferences(
  tx: Transaction,
  userIds: string[],
  typeName: string,
): Promise<ManySources | undefined> {
  const found = await find(tx, userIds, typeName);
  const type = withBuiltIn(found.types).get(typeName);
  if (!type) return undefined;
  const people = found.people.map(
    (person) => [person.user_id, { ...choicesOf(found, person), type }] as const,
  );
  return { now: new Date(found.now), type, organization: found.organization, people: new Map(people) };
}

export interface TypeSources {
  /** By the clock of the database. */
  now: Date;
  /** All that decides about the type for a person who chose this. */
  sourcesOf: (person: PersonChoices) => Sources;
}

/** The same for a built-in type, if the people's choices are read by another statement of the same round trip. */
export async function findTypeSources(tx: Transaction, typeName: string): Promise<TypeSources> {
  const found = await find(tx, [], typeName);
  const type = withBuiltIn(found.types).get(typeName)!;
  return { now: new Date(found.now), sourcesOf: (person) => ({ ...choicesOf(found, person), type }) };
}

/** The choices of these people, with the time by the clock of the database. */
export async function findChoices(
  tx: Transaction,
  userIds: string[],
): Promise<{ now: Date; people: Map<string, Choices> }> {
  const found = await find(tx, userIds, '');
  const people = found.people.map((person) => [person.user_id, choicesOf(found, person)] as const);
  return { now: new Date(found.now), people: new Map(people) };
}

export interface Overview extends Choices {
  now: Date;
  types: Map<string, TypeDefinition>;
}

/** The choices of one person, and all types. */
export async function findOverview(tx: Transaction, userId: string): Promise<Overview> {
  const found = await find(tx, [userId], null);
  return {
    ...choicesOf(found, found.people[0]!),
    now: new Date(found.now),
    types: withBuiltIn(found.types),
  };
}

/** Includes only the choices of the organization. */
export async function findDefaults(
  tx: Transaction,
): Promise<{ types: Map<string, TypeDefinition>; organization: OrganizationDocument }> {
  const { types, organization } = await find(tx, [], null);
  return { types: withBuiltIn(types), organization };
}
