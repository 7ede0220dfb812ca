import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Caller } from '#identity';
import { notFound } from '#problem';
import {
  type DirectoryPage,
  type Profile,
  type Viewer,
  findVisible,
  listVisible,
  rarestFirst,
  searchedWords,
} from './directory.queries.js';

type SearchedPage = Omit<DirectoryPage, 'words'> & { query?: string };

/** The members of an organization as others see them. */
@Injectable()
export class DirectoryService {
  constructor(private readonly database: Database) {}

  async list(caller: Caller, { query, ...page }: SearchedPage): Promise<Profile[]> {
    const words = query === undefined ? undefined : searchedWords(query);
    const ordered =
      words && words.length > 1
        ? await this.database.tenantRead(caller, (tx) => rarestFirst(tx, words))
        : words;
    return this.database.tenantRead(caller, (tx) =>
      listVisible(tx, viewerOf(caller), { ...page, words: ordered }),
    );
  }

  async get(caller: Caller, person: string): Promise<Profile> {
    const member = await this.database.tenantRead(caller, (tx) => findVisible(tx, person, viewerOf(caller)));
    if (!member) throw notFound();
    return member;
  }
}

const viewerOf = (caller: Caller): Viewer => ({
  userId: caller.userId,
  isManager: caller.permissions.has('members:manage'),
});
