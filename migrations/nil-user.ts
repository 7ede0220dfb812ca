/**
 * How policies recognized an organizationTransaction before SeparateOrganizationScope1763640037000: the nil UUID stood
 * in for a person. Only migrations before it use this file; see rls.ts for the same conditions since.
 */
export const NIL = '00000000-0000-0000-0000-000000000000';

export const IS_WIDE = `app_user() = '${NIL}'`;

export const IS_WIDE_ONCE = `(SELECT app_user()) = '${NIL}'`;

export const isOwn = (column: string): string => isAbout([column], 'false');

export const orWholeOrganization = (condition: string): string => isAbout([], condition);

export const isAbout = (columns: string[], orElse: string): string => {
  const persons = [`'${NIL}'`, ...columns].map((person) => `WHEN ${person} THEN true`);
  return `CASE (SELECT app_user()) ${persons.join(' ')} ELSE ${orElse} END`;
};
