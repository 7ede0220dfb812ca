import type { QueryConfig } from 'pg';

const names = new Map<string, string>();

/**
 * With a name, a statement is parsed and planned once a connection: to do so each time costs more than most take
 * to execute. Not one that answers *, which PostgreSQL refuses to go on with once a migration adds a column.
 */
export function prepared(text: string, values?: unknown[]): QueryConfig {
  if (!values || /(^\s*SELECT|RETURNING) (\w+\.)?\*/.test(text)) return { text, values };
  const name = names.get(text) ?? `statement ${names.size + 1}`;
  names.set(text, name);
  return { name, text, values };
}
