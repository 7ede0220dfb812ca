/** The code of each lib, all files together. */
export type Code = Map<string, string>;

/** By table, the libs that do not own it and whose statements name it. */
type Foreign = Record<string, string[]>;

const WRITE = /(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+|\$\{\w+\})/g;

/** A rule that deletes rows of this table with the statement of libs/database. */
const RETENTION = /\bretentionBy\(\s*'(\w+)'/g;

const READ = /(?<!DELETE )(?:FROM|JOIN)\s+(\w+)/g;

const namesIn = (text: string, ...patterns: RegExp[]): Set<string> =>
  new Set(patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name!)));

/** TypeORM does not know the types of these tables, so they have no entity. */
const WITHOUT_ENTITY = [['changes', 'change-log']] as const;

/** By table, the lib that has its entity. */
export const ownersOf = (code: Code): Map<string, string> =>
  new Map([
    ...WITHOUT_ENTITY,
    ...[...code].flatMap(([lib, text]) =>
      [...namesIn(text, /@Entity\('(\w+)'\)/g)].map((table) => [table, lib] as const),
    ),
  ]);

/** A table that is interpolated has no known owner, so every lib that writes it is named. */
export const foreignWrites = (code: Code): Foreign => foreign(code, WRITE, RETENTION);

export const foreignReads = (code: Code): Foreign => foreign(code, READ);

function foreign(code: Code, ...patterns: RegExp[]): Foreign {
  const owners = ownersOf(code);
  const found: Foreign = {};
  for (const [lib, text] of code) {
    for (const table of namesIn(text, ...patterns)) {
      const isTable = owners.has(table) || table.startsWith('$');
      if (isTable && owners.get(table) !== lib) (found[table] ??= []).push(lib);
    }
  }
  for (const libs of Object.values(found)) libs.sort();
  return found;
}
