import type { CanMessageResponse, ListMembersData } from '../generated/types.gen.js';
import { type CallOptions, type Http, path } from '../http.js';
import type { Me, Profile, Visibility } from '../types.js';

/**
 * The people of the organization.
 *
 * @example
 * const { data } = await tidings.members.list({ query: 'the' });
 */
export class MemberRoutes {
  constructor(private readonly http: Http) {}

  /** Returns who is signed in. */
  me = (options?: CallOptions): Promise<Me> => this.http.get('me', {}, options);

  /** Changes who may write to the person and see them. */
  updateVisibility = (change: Partial<Visibility>, options?: CallOptions): Promise<Visibility> =>
    this.http.patch('me/visibility', change, options);

  /** Returns a page of the directory. */
  list = (
    query: NonNullable<ListMembersData['query']> = {},
    options?: CallOptions,
  ): Promise<{ data: Profile[]; next_cursor: string | null }> => this.http.get('members', query, options);

  /** Returns a person, by id or username. */
  get = (person: string, options?: CallOptions): Promise<Profile> =>
    this.http.get(path`members/${person}`, {}, options);

  /** Returns whether the person may write to another one, and if not, why. */
  canMessage = (person: string, options?: CallOptions): Promise<CanMessageResponse> =>
    this.http.get(path`members/${person}/can-message`, {}, options);
}
