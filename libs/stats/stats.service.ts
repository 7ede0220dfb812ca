import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type Caller } from '#identity';
import { type Stats, findStats } from './stats.queries.js';

/** What goes on in an organization, in numbers. */
@Injectable()
export class StatsService {
  constructor(private readonly database: Database) {}

  get(caller: Caller): Promise<Stats> {
    return this.database.organizationTransaction(caller, (tx) => findStats(tx, new Date()));
  }
}
