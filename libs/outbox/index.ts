export { DeadLettersService } from './dead-letters.service.js';
export { OnOutboxEvent, OnOutboxEventBatch, type RecordedEvent } from './on-outbox-event.js';
export { MAX_COUNTED, OutboxBacklog } from './outbox-backlog.js';
export { OutboxListener, OutboxNotifier } from './outbox-channel.js';
export { DeadLetter, OutboxRow } from './outbox.entities.js';
export { Outbox } from './outbox.js';
export type { Backlog, ClaimedEvent, Share } from './outbox.queries.js';
export { OutboxModule, OutboxReaderModule } from './outbox.module.js';
export { OUTBOX_RETENTION } from './retention.js';
