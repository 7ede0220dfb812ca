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
} from './directory.repository.js';

/** The members of an organization as others see them. */
@Injectable()
export class Directory {
  constructor(private readonly database: Database) {}

  list(caller: Caller, page: DirectoryPage): Promise<Profile[]> {
    return this.database.tenantTransaction(caller, (tx) => listVisible(tx, viewerOf(caller), page));
  }

  async get(caller: Caller, person: string): Promise<Profile> {
    const member = await this.database.tenantTransaction(caller, (tx) =>
      findVisible(tx, person, viewerOf(caller)),
    );
    if (!member) throw notFound();
    return member;
  }
}

const viewerOf = (caller: Caller): Viewer => ({
  userId: caller.userId,
  isManager: caller.permissions.has('members:manage'),
});
