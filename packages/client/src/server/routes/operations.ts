import type { RetryDeadLettersRequest, RetryDeadLettersResponse } from '../../generated/types.gen.js';
import { type CallOptions, type Http, path } from '../../http.js';
import type { AuditEntry, DeadLetter, DeliveriesQuery, Delivery, Stats } from '../administration-types.js';
import type { Page, PageQuery } from '../types.js';

/**
 * Deliveries by e-mail, web push and webhook. Needs the permission `deliveries:manage`.
 *
 * @example
 * const { data } = await server.deliveries.list({ status: 'failed' });
 */
export class DeliveryRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the deliveries, newest first. */
  list = (query: DeliveriesQuery = {}, options?: CallOptions): Promise<Page<Delivery>> =>
    this.http.get('admin/deliveries', query, options);

  /** Starts a delivery again, with all its attempts. */
  retry = (id: string, options?: CallOptions): Promise<Delivery> =>
    this.http.post(path`admin/deliveries/${id}/retry`, {}, options);
}

/**
 * Events whose handlers have failed every time. Needs the permission `deliveries:manage`.
 *
 * @example
 * const { remaining } = await server.deadLetters.retryMany();
 */
export class DeadLetterRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the dead letters, newest first. */
  list = (query: PageQuery = {}, options?: CallOptions): Promise<Page<DeadLetter>> =>
    this.http.get('admin/dead-letters', query, options);

  /** Handles an event again. */
  retry = (id: string, options?: CallOptions): Promise<void> =>
    this.http.post(path`admin/dead-letters/${id}/retry`, {}, options);

  /** Handles the oldest events again, up to 1,000, or those of a type. Repeat it until `remaining` is 0. */
  retryMany = (
    which: RetryDeadLettersRequest = {},
    options?: CallOptions,
  ): Promise<RetryDeadLettersResponse> => this.http.post('admin/dead-letters/retry', which, options);
}

/**
 * Who changed what, and who read what. Needs the permission `audit:read`.
 *
 * @example
 * const { data } = await server.audit.list({ limit: 100 });
 */
export class AuditRoutes {
  constructor(private readonly http: Http) {}

  /** Returns a page of the audit log, newest first. */
  list = (query: PageQuery = {}, options?: CallOptions): Promise<Page<AuditEntry>> =>
    this.http.get('admin/audit', query, options);
}

/**
 * Counts of the organization. Needs the permission `stats:read`.
 *
 * @example
 * const { members } = await server.stats.get();
 */
export class StatsRoutes {
  constructor(private readonly http: Http) {}

  /** Returns how many members, threads and dead letters there are, and what happened in the last 24 hours. */
  get = (options?: CallOptions): Promise<Stats> => this.http.get('admin/stats', {}, options);
}
