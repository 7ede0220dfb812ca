import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type Caller } from '#identity';
import { type Stats, findStats } from './stats.queries.js';

/** Statistics of an organization. */
@Injectable()
export class StatsService {
  constructor(private readonly database: Database) {}

  get(caller: Caller): Promise<Stats> {
    return this.database.organizationTransaction(caller, (tx) => findStats(tx, new Date()));
  }
}
