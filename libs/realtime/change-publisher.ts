import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CommitSignal, RelayPool } from '#database';
import { FeedSignal } from '#notifications';
import { type OrganizationNotice, encodeAll, rangesOf } from './change-notice.js';
import { CHANNEL } from './channel.js';
import { Notifier } from './notifier.js';

/**
 * Tells the processes that hold connections in which organizations something may have changed, and who has something new
 * in the feed. They read what it is. A process that does not hear of it looks a few seconds later.
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
