import { type FieldError, Problem } from '#problem';
import { error, refuse } from './document-check.js';
import { type Cell, type OrganizationDocument, channelPath } from './document.js';
import { type TypeDefinition, UNKNOWN_TYPE } from './type-definition.js';

type Types = ReadonlyMap<string, TypeDefinition>;

/** Refuses unknown types, so that a typo is reported instead of being stored without effect. */
export function assertKnownTypes(cells: Cell[], types: Types): void {
  refuse(
    cells.flatMap(({ path, type }) =>
      type === undefined || types.has(type) ? [] : error(path, UNKNOWN_TYPE),
    ),
  );
}

/** Refuses choices that a person cannot make here, because the type or the organization decides first. */
export function assertUnlocked(cells: Cell[], types: Types, { locked = [] }: OrganizationDocument): void {
  const errors = cells.flatMap(({ path, type, channel }): FieldError[] => {
    if (type !== undefined && types.get(type)?.mandatory_channels.includes(channel)) {
      return error(path, 'is mandatory for this type: leave it out');
    }
    const lock = [path, channelPath(channel)].find((candidate) => locked.includes(candidate));
    return lock === undefined ? [] : error(path, `is locked by your organization (${lock}): leave it out`);
  });
  if (errors.length > 0) throw new Problem('preference_locked', undefined, errors);
}
