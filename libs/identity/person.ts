const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isId = (text: string): boolean => UUID.test(text);

/** Usernames are told apart without regard to case. An id is never a username, so that either names one person. */
export const usernameKey = (username: string): string => username.toLowerCase();

/**
 * A person is named by id or by username: the condition on members, with the value for its parameter. A username
 * names who has it now, never somebody who was removed.
 */
export const personCondition = (person: string, parameter: string): [sql: string, value: string] =>
  isId(person)
    ? [`user_id = ${parameter}`, person]
    : [`username_key = ${parameter} AND removed_at IS NULL`, usernameKey(person)];
