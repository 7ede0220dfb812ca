import type {
  EvaluationResponse,
  EvaluateRequest,
  PutPushSubscriptionRequest,
} from '../generated/types.gen.js';
import type { CallOptions, Http } from '../http.js';
import type { Preferences, PreferencesChange, PushSubscription } from '../types.js';

/**
 * Over which channels the person gets which notifications.
 *
 * @example
 * await tidings.preferences.update({ types: { BILLING: { email: 'daily' } } });
 */
export class PreferenceRoutes {
  constructor(private readonly http: Http) {}

  /** Returns what the person chose, and what holds. */
  get = (options?: CallOptions): Promise<Preferences> => this.http.get('preferences', {}, options);

  /** Changes choices, for this organization or for all of the person. null returns to the inherited value. */
  update = (
    change: PreferencesChange,
    scope?: 'organization' | 'global',
    options?: CallOptions,
  ): Promise<Preferences> =>
    this.http.request('PATCH', 'preferences', { body: change, query: { scope }, ...options });

  /** Returns what would happen to a notification of a type, and why. */
  evaluate = (which: EvaluateRequest, options?: CallOptions): Promise<EvaluationResponse> =>
    this.http.post('preferences/evaluate', which, options);

  /** Returns the browsers that get web push. */
  pushSubscriptions = (options?: CallOptions): Promise<{ data: PushSubscription[] }> =>
    this.http.get('preferences/push-subscriptions', {}, options);

  /** Adds a browser that gets web push: what `PushSubscription.toJSON()` returns there. */
  putPushSubscription = (
    subscription: PutPushSubscriptionRequest,
    options?: CallOptions,
  ): Promise<PushSubscription> => this.http.put('preferences/push-subscriptions', subscription, options);

  /** Removes a browser. */
  deletePushSubscription = (endpoint: string, options?: CallOptions): Promise<void> =>
    this.http.delete('preferences/push-subscriptions', { endpoint }, options);
}
