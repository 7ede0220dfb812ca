const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isId = (text: string): boolean => UUID.test(text);

/** Usernames are compared ignoring case. A username never looks like an id, so that either identifies one person. */
export const usernameKey = (username: string): string => username.toLowerCase();

/**
 * A condition on members for a person by id or username, with the value for its parameter. A username refers to its
 * current owner, never to a removed member.
 */
export const personCondition = (person: string, parameter: string): [sql: string, value: string] =>
  isId(person)
    ? [`user_id = ${parameter}`, person]
    : [`username_key = ${parameter} AND removed_at IS NULL`, usernameKey(person)];
