import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CommitSignal, RelayPool } from '#database';
import { FeedSignal } from '#notifications';
import { type OrganizationNotice, encodeAll, rangesOf } from './change-notice.js';
import { CHANNEL } from './channel.js';
import { Notifier } from './notifier.js';

/**
 * Notifies the processes that hold connections: in which organizations something may have changed, and who has new
 * notifications. The processes then read what it is. A process that misses the notice reads a few seconds later.
 */
@Injectable()
export class ChangePublisher implements OnModuleDestroy {
  private readonly notifier: Notifier<OrganizationNotice>;

  constructor(relay: RelayPool, feeds: FeedSignal, commits: CommitSignal) {
    this.notifier = new Notifier(relay, CHANNEL, encodeAll);
    commits.onCommit((organizationId) => this.notifier.add([organizationId, []]));
    feeds.onChange((organizationId, userIds) => this.notifier.add([organizationId, rangesOf(userIds)]));
  }

  onModuleDestroy(): void {
    this.notifier.stop();
  }
}
