import { type CallOptions, type Http, path } from '../../http.js';
import type { Organization, UserDeletion } from '../types.js';

/**
 * Organizations. Only the platform key may call these.
 *
 * @example
 * await server.organizations.put(id, { name: 'Hillside Homes' });
 */
export class OrganizationRoutes {
  constructor(private readonly http: Http) {}

  /** Returns an organization. */
  get = (id: string, options?: CallOptions): Promise<Organization> =>
    this.http.get(path`organizations/${id}`, {}, options);

  /** Creates an organization under an id of your own, or renames it. */
  put = (id: string, organization: { name: string }, options?: CallOptions): Promise<Organization> =>
    this.http.put(path`organizations/${id}`, organization, options);
}

/**
 * People across all organizations. Only the platform key may call these.
 *
 * @example
 * await server.users.delete(id);
 */
export class UserRoutes {
  constructor(private readonly http: Http) {}

  /** Deletes a person from every organization, with all their data. This cannot be undone. */
  delete = (id: string, options?: CallOptions): Promise<UserDeletion> =>
    this.http.request('DELETE', path`users/${id}`, options);

  /** Returns how far a deletion has come. */
  deletion = (id: string, options?: CallOptions): Promise<UserDeletion> =>
    this.http.get(path`users/${id}/deletion`, {}, options);
}
