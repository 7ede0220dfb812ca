/** The database cannot be used. The message is the one sentence that the start ends with. */
export class DatabaseError extends Error {}

const CONNECTION_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name is not known',
  ETIMEDOUT: 'it does not answer',
  '28P01': 'the password is wrong',
  '28000': 'this user may not connect',
  '3D000': 'there is no such database',
};

/** Names the server and the setting to check, but never the password. */
export function describeConnectionError(error: unknown, url: string, variable: string): DatabaseError {
  const { host, pathname, username } = new URL(url);
  const { code = '', message } = error as { code?: string; message: string };
  const reason = CONNECTION_ERRORS[code] ?? (message || code);
  const place = `database ${decodeURIComponent(pathname.slice(1))} at ${host} as ${decodeURIComponent(username)}`;
  return new DatabaseError(`Cannot connect to ${place}: ${reason}. Check ${variable}.`);
}
