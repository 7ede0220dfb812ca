import type { ListMembersData } from '../../generated/types.gen.js';
import { type CallOptions, type Http, path } from '../../http.js';
import type { Profile } from '../../types.js';
import type {
  ApiKey,
  CreatedApiKey,
  Member,
  NewApiKey,
  NewMember,
  Page,
  PageQuery,
  Permission,
  Role,
} from '../types.js';

/**
 * The members of an organization, hidden ones included. Needs the permission `members:manage`.
 *
 * @example
 * await server.members.put(user.id, { username: 'theo', display_name: 'Theo Therapist', role: 'therapist' });
 */
export class MemberAdminRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the members. */
  list = (query: NonNullable<ListMembersData['query']> = {}, options?: CallOptions): Promise<Page<Profile>> =>
    this.http.get('members', query, options);

  /** Returns a member, by id or username. */
  get = (person: string, options?: CallOptions): Promise<Profile> =>
    this.http.get(path`members/${person}`, {}, options);

  /** Creates or replaces a member. A new member is named by an id of your own, which is the `sub` of their tokens. */
  put = (person: string, member: NewMember, options?: CallOptions): Promise<Member> =>
    this.http.put(path`members/${person}`, member, options);

  /** Ends the membership of a person. Their messages remain. */
  remove = (person: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`members/${person}`, {}, options);
}

/**
 * Roles. Needs the permission `roles:manage`.
 *
 * @example
 * await server.roles.put('billing', ['notifications:send']);
 */
export class RoleRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the roles. */
  list = (query: PageQuery = {}, options?: CallOptions): Promise<Page<Role>> =>
    this.http.get('admin/roles', query, options);

  /** Returns a role. */
  get = (name: string, options?: CallOptions): Promise<Role> =>
    this.http.get(path`admin/roles/${name}`, {}, options);

  /** Creates a role, or replaces its permissions. */
  put = (name: string, permissions: Permission[], options?: CallOptions): Promise<Role> =>
    this.http.put(path`admin/roles/${name}`, { permissions }, options);

  /** Deletes a role that no member has. */
  delete = (name: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`admin/roles/${name}`, {}, options);
}

/**
 * API keys. Needs the permission `keys:manage`.
 *
 * @example
 * const { secret } = await server.apiKeys.create({ name: 'billing', scopes: ['notifications:send'] });
 */
export class ApiKeyRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the keys, newest first. */
  list = (query: PageQuery = {}, options?: CallOptions): Promise<Page<ApiKey>> =>
    this.http.get('admin/api-keys', query, options);

  /**
   * Creates a key. The secret is shown once: it is null if the response of a first attempt was lost. Then revoke the
   * key and create another.
   */
  create = (key: NewApiKey, options?: CallOptions): Promise<CreatedApiKey> =>
    this.http.post('admin/api-keys', key, options);

  /** Ends a key, on every server within five seconds. */
  revoke = (id: string, options?: CallOptions): Promise<void> =>
    this.http.delete(path`admin/api-keys/${id}`, {}, options);
}
