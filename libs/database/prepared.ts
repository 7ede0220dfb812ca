import type { QueryConfig } from 'pg';

const names = new Map<string, string>();

/**
 * A statement with a name is parsed and planned once per connection. Doing so each time costs more than most
 * statements take to execute. Statements that return * get no name, because PostgreSQL refuses to execute their plan
 * once a migration has added a column.
 */
export function prepared(text: string, values?: unknown[]): QueryConfig {
  if (!values || /(^\s*SELECT|RETURNING) (\w+\.)?\*/.test(text)) return { text, values };
  const name = names.get(text) ?? `statement ${names.size + 1}`;
  names.set(text, name);
  return { name, text, values };
}
